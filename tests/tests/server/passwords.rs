//! What passwords must be like, by setting.

use doorward::{Password, PasswordSha1};
use doorward_tests::breaches::RangeHost;
use doorward_tests::server::Installation;
use doorward_tests::server::client::{Answer, Http};
use serde_json::json;

const BREACHED: &str = "widgets are my life";
const UNKNOWN: &str = "purple kettle sings at noon";

/// A file that knows [`BREACHED`].
fn list() -> String {
    let hash = PasswordSha1::of(&Password::new(BREACHED.to_owned()));
    let low = "0".repeat(40);
    let high = "F".repeat(40);
    format!("{low}:1\r\n{}:17\r\n{high}:1\r\n", hash.as_str())
}

async fn register(http: &Http, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    http.post("/auth/register", body).await
}

#[track_caller]
fn assert_breached(answer: Answer) {
    let problem = answer.expect(422);
    let message = problem["detail"][0]["msg"].as_str().unwrap();
    assert!(message.contains("data breach"), "{message}");
}

#[tokio::test]
async fn breaches_are_looked_for_in_a_file() {
    let place = Installation::new()
        .file("breached.txt", list())
        .set("PASSWORD_BREACH_CHECK", "file")
        .set("PASSWORD_BREACH_FILE", "breached.txt");
    let server = place.start();
    let http = server.http();
    assert_breached(register(&http, "anna@example.com", BREACHED).await);
    register(&http, "anna@example.com", UNKNOWN)
        .await
        .expect(201);
    server.stop();
}

// The service answers while the test waits for the server to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn breaches_are_looked_for_at_a_service() {
    let host = RangeHost::knowing(BREACHED).await;
    let place = Installation::new()
        .set("PASSWORD_BREACH_CHECK", "online")
        .set("PASSWORD_BREACH_URL", host.url());
    let server = place.start();
    let http = server.http();
    assert_breached(register(&http, "anna@example.com", BREACHED).await);
    let hash = PasswordSha1::of(&Password::new(BREACHED.to_owned()));
    let path = format!("/range/{}", &hash.as_str()[..5]);
    let asked = host.queries();
    assert_eq!(asked.iter().filter(|(asked, _)| *asked == path).count(), 1);
    let checked = http
        .post("/auth/password/check", json!({"password": BREACHED}))
        .await;
    assert_eq!(checked.expect(200)["acceptable"], false);
    let told = server.stop();
    assert!(!told.stderr.contains("data breaches"), "{told:#?}");
}

#[tokio::test]
async fn the_services_name_and_the_rules_are_settings() {
    let place = Installation::new()
        .set("PROJECT_NAME", "Turnip Market")
        .set("PASSWORD_REQUIRE", "digit")
        .set("PASSWORD_MIN_SCORE", "3");
    let server = place.start();
    let http = server.http();
    for (password, told) in [
        ("turnip-market-1", "the name of this service"),
        (UNKNOWN, "a digit"),
        ("monkeys1999", "too easy to guess"),
    ] {
        let problem = register(&http, "anna@example.com", password)
            .await
            .expect(422);
        let message = problem["detail"][0]["msg"].as_str().unwrap();
        assert!(message.contains(told), "{message}");
    }
    register(&http, "anna@example.com", "7 kettles sing at noon")
        .await
        .expect(201);
    server.stop();
}

#[test]
fn what_can_not_be_searched_keeps_it_from_starting() {
    let file = || Installation::new().set("PASSWORD_BREACH_CHECK", "file");
    let gone = file().set("PASSWORD_BREACH_FILE", "gone.txt");
    let empty = file()
        .file("empty.txt", "")
        .set("PASSWORD_BREACH_FILE", "empty.txt");
    let online = Installation::new()
        .set("PASSWORD_BREACH_CHECK", "online")
        .set("PASSWORD_BREACH_URL", "http://example.com/range");
    for (place, words) in [
        (file(), ["PASSWORD_BREACH_CHECK", "PASSWORD_BREACH_FILE"]),
        (gone, ["PASSWORD_BREACH_FILE", "gone.txt"]),
        (empty, ["PASSWORD_BREACH_FILE", "expected lines"]),
        (online, ["PASSWORD_BREACH_URL", "https"]),
    ] {
        let outcome = place.run(["serve"]);
        let message = outcome.failure(3);
        assert_eq!(message.lines().count(), 1, "{message}");
        for word in words {
            assert!(message.contains(word), "{message}");
        }
    }
}
