//! Lists: `Link` leads through all pages.

use doorward_tests::engine::TestEngine;
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::Value;

/// The target that `Link` names, if there is a next page.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let target = link.strip_prefix('<').unwrap();
    Some(target.strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

/// All ids, page by page.
async fn walk(client: &Client, path: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut answer = client.get(path).await.expect(200);
    loop {
        let items = answer.json();
        let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
        pages.push(items.as_array().unwrap().iter().map(id).collect());
        let Some(target) = next(&answer) else {
            return pages;
        };
        assert!(pages.len() < 100, "{path} never ends");
        answer = client.request("GET", &target).await.expect(200);
    }
}

async fn crowd() -> (TestApi, Client) {
    let engine = TestEngine::in_memory().await;
    for number in 0..22 {
        let roles: &[&str] = if number % 2 == 0 {
            &["user"]
        } else {
            &["guest", "user"]
        };
        engine
            .create(&format!("p{number}@example.com"), roles)
            .await;
    }
    let api = TestApi::on(engine);
    let admin = api.login_as("admin").await;
    (api, admin)
}

#[tokio::test]
async fn every_item_is_seen_once() {
    let (_api, admin) = crowd().await;
    for (path, sizes) in [
        ("/users", &[10, 10, 3][..]),
        ("/users?limit=23", &[23]),
        ("/users?limit=22", &[22, 1]),
        ("/users?limit=7&skip=3", &[7, 7, 6]),
        ("/users?role=guest&limit=4", &[4, 4, 3]),
        (
            "/users?search=%40example.com&is_active=true&limit=20&count=true",
            &[20, 3],
        ),
        ("/users?role=moderator", &[0]),
        ("/audit-events?limit=9", &[9, 9, 6]),
        (
            "/audit-events?action=user.created&outcome=success&limit=20",
            &[20, 3],
        ),
    ] {
        let pages = walk(&admin, path).await;
        let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(lengths, sizes, "{path}");
        let mut ids: Vec<_> = pages.concat();
        let seen = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), seen, "{path}");
    }
}

#[tokio::test]
async fn the_order_is_that_of_one_large_page() {
    let (_api, admin) = crowd().await;
    for path in ["/users", "/audit-events"] {
        let whole = walk(&admin, &format!("{path}?limit=100")).await;
        let parts = walk(&admin, &format!("{path}?limit=3")).await;
        assert_eq!(whole.len(), 1);
        assert_eq!(whole.concat(), parts.concat());
    }
}

#[tokio::test]
async fn what_comes_in_between_shifts_nothing() {
    let (api, admin) = crowd().await;
    let first = admin.get("/users").query("limit=20").await.expect(200);
    let gone = first.json()[0]["id"].as_str().unwrap().to_owned();
    let deleted = admin.delete(&format!("/users/{gone}")).await;
    assert_eq!(deleted.status, 204);
    api.engine().create("late@example.com", &["user"]).await;
    let second = admin
        .request("GET", &next(&first).unwrap())
        .await
        .expect(200);
    let emails: Vec<_> = second
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        emails,
        [
            "p20@example.com",
            "p21@example.com",
            "admin@example.com",
            "late@example.com"
        ]
    );
}

#[tokio::test]
async fn the_last_items_page_has_no_next() {
    let (_api, admin) = crowd().await;
    let users = admin.get("/users").query("limit=100").await.expect(200);
    assert_eq!(users.header("link"), None);
    let last = users.json().as_array().unwrap().last().unwrap()["id"].clone();
    let beyond = admin
        .get("/users")
        .query(&format!("cursor={}", last.as_str().unwrap()))
        .await;
    assert_eq!(beyond.expect(200).json(), serde_json::json!([]));
}
