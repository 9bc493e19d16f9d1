//! `/health`, at the root and below the prefix

use doorward_tests::engine::TestEngine;
use doorward_tests::http::{Answer, TestApi};
use serde_json::json;

const EXAMINING: [&str; 3] = ["/health", "/health/ready", "/health/database"];

async fn ask(api: &TestApi, path: &str) -> [Answer; 2] {
    let anonymous = api.anonymous();
    [
        anonymous.request("GET", path).await,
        anonymous.get(path).await,
    ]
}

#[tokio::test]
async fn a_database_that_answers_is_healthy() {
    let api = TestApi::start().await;
    let healthy = json!({
        "status": "healthy", "database": "connected", "version": "1.2.3", "message": "OK",
    });
    for path in EXAMINING {
        for answer in ask(&api, path).await {
            assert_eq!(answer.expect(200).json(), healthy, "{path}");
        }
    }
}

#[tokio::test]
async fn the_process_is_alive_by_itself() {
    let api = TestApi::start().await;
    for answer in ask(&api, "/health/live").await {
        assert_eq!(answer.expect(200).json(), json!({"status": "alive"}));
    }
}

#[tokio::test]
async fn a_token_is_not_looked_at() {
    let api = TestApi::start().await;
    let answer = api.anonymous().get("/health").bearer("nonsense").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_without_why() {
    // One without tables answers nothing.
    let api = TestApi::on(TestEngine::in_memory_with(|builder| builder.migrate(false)).await);
    let unhealthy = json!({
        "status": "unhealthy", "database": "disconnected", "version": "1.2.3",
        "message": "Database unavailable",
    });
    for path in EXAMINING {
        for answer in ask(&api, path).await {
            assert_eq!(answer.expect(503).json(), unhealthy, "{path}");
        }
    }
    for answer in ask(&api, "/health/live").await {
        assert_eq!(answer.status, 200);
    }
}
