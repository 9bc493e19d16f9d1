//! `GET /users`

use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Client, TestApi};
use serde_json::{Value, json};

/// Twenty-three people beside the moderator who asks.
async fn crowd() -> (TestApi, Client) {
    let engine = TestEngine::in_memory().await;
    for number in 1..=20 {
        engine.sign_up(&format!("p{number:02}@example.com")).await;
    }
    engine.create("guest1@example.com", &["guest"]).await;
    engine
        .create("guest2@example.com", &["guest", "user"])
        .await;
    engine.create("boss@example.com", &["admin"]).await;
    let api = TestApi::on(engine);
    let moderator = api.login_as("moderator").await;
    (api, moderator)
}

fn emails(list: &Value) -> Vec<&str> {
    let users = list.as_array().unwrap().iter();
    users.map(|user| user["email"].as_str().unwrap()).collect()
}

async fn list(client: &Client, query: &str) -> Value {
    client.get("/users").query(query).await.expect(200).json()
}

#[tokio::test]
async fn it_is_an_array_of_ten_in_the_order_in_which_they_came() {
    let (_api, moderator) = crowd().await;
    let answer = moderator.get("/users").await.expect(200);
    let users = answer.json();
    let expected: Vec<_> = (1..=10).map(|n| format!("p{n:02}@example.com")).collect();
    assert_eq!(emails(&users), expected);
    assert_eq!(answer.header("x-total-count"), None);
    assert!(answer.header("link").is_some());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn skip_and_limit_take_a_part() {
    let (_api, moderator) = crowd().await;
    let users = list(&moderator, "skip=9&limit=2").await;
    assert_eq!(emails(&users), ["p10@example.com", "p11@example.com"]);
    assert_eq!(list(&moderator, "skip=24").await, json!([]));
    assert_eq!(
        list(&moderator, "limit=100")
            .await
            .as_array()
            .unwrap()
            .len(),
        24
    );
}

#[tokio::test]
async fn filters_combine() {
    let (_api, moderator) = crowd().await;
    let guests = list(&moderator, "role=guest").await;
    assert_eq!(
        emails(&guests),
        ["guest1@example.com", "guest2@example.com"]
    );
    assert_eq!(
        emails(&list(&moderator, "role=admin").await),
        ["boss@example.com"]
    );
    assert_eq!(list(&moderator, "role=nobody-has-it").await, json!([]));
    assert_eq!(list(&moderator, "is_active=false").await, json!([]));
    let found = list(&moderator, "is_active=true&role=user&search=GUEST").await;
    assert_eq!(emails(&found), ["guest2@example.com"]);
    assert_eq!(
        emails(&list(&moderator, "search=P2").await),
        ["p20@example.com"]
    );
    assert_eq!(list(&moderator, "search=%25").await, json!([]));
    assert_eq!(
        list(&moderator, "search=").await.as_array().unwrap().len(),
        10
    );
}

#[tokio::test]
async fn names_are_searched_too() {
    let (api, moderator) = crowd().await;
    let body = json!({
        "email": "x@example.com", "username": "kowal", "full_name": "Łucja Żak", "password": PASSWORD,
    });
    let registered = api.anonymous().post("/auth/register").json(&body).await;
    assert_eq!(registered.status, 201);
    for search in ["KOWAL", "%C5%81ucja", "ucja+", "%C5%BCak"] {
        let found = list(&moderator, &format!("search={search}")).await;
        assert_eq!(emails(&found), ["x@example.com"], "{search}");
    }
}

#[tokio::test]
async fn the_total_is_counted_where_it_is_asked_for() {
    let (_api, moderator) = crowd().await;
    let total = async |query: &str| {
        let answer = moderator.get("/users").query(query).await.expect(200);
        answer.header("x-total-count").map(str::to_owned)
    };
    assert_eq!(total("count=true").await.as_deref(), Some("24"));
    assert_eq!(
        total("count=1&role=guest&limit=1").await.as_deref(),
        Some("2")
    );
    assert_eq!(total("count=true&skip=100").await.as_deref(), Some("24"));
    assert_eq!(total("count=false").await, None);
}

#[tokio::test]
async fn the_deactivated_are_found() {
    let (api, moderator) = crowd().await;
    let boss = api.login("boss@example.com").await;
    let users = list(&moderator, "limit=1").await;
    let path = format!("/users/{}", users[0]["id"].as_str().unwrap());
    let off = boss.patch(&path).json(&json!({"is_active": false})).await;
    assert_eq!(off.status, 200);
    let found = list(&moderator, "is_active=no").await;
    assert_eq!(emails(&found), ["p01@example.com"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_all_at_once() {
    let (_api, moderator) = crowd().await;
    let query = "skip=-1&limit=101&role=A&is_active=maybe&cursor=x&count=";
    moderator.get("/users").query(query).await.expect_faults(&[
        "greater_than_equal query.skip Input should be greater than or equal to 0",
        "less_than_equal query.limit Input should be less than or equal to 100",
        "value_error query.role Value error, a role's name starts with a lower-case letter and has lower-case letters, digits, '_' and '-', at most 50 characters",
        "bool_parsing query.is_active Input should be a valid boolean, unable to interpret input",
        "uuid_parsing query.cursor Input should be a valid UUID",
        "bool_parsing query.count Input should be a valid boolean, unable to interpret input",
    ]);
}
