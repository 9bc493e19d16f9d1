//! Who sees, writes and deletes which notes.

use doorward::AppRole as _;
use serde_json::{Value, json};

use super::fixture::App;
use crate::roles::Staff;

fn texts(notes: &Value) -> Vec<&str> {
    let notes = notes.as_array().unwrap();
    notes
        .iter()
        .map(|note| note["text"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn each_workspace_has_its_own_notes() {
    let app = App::start().await;
    let anna = app.member("anna@example.com", "Kitchen").await;
    let berta = app.member("berta@example.com", "Garden").await;
    for text in ["Buy tea", "Buy milk"] {
        let note = app.post("/notes", Some(&anna), json!({"text": text})).await;
        let note = note.expect(201);
        assert_eq!(note["author_id"], anna.user.id.to_string());
    }
    let seen = app.get("/notes", Some(&anna)).await.expect(200);
    assert_eq!(texts(&seen), ["Buy milk", "Buy tea"]);
    let seen = app.get("/notes", Some(&berta)).await.expect(200);
    assert_eq!(texts(&seen), <[&str; 0]>::default());
}

#[tokio::test]
async fn an_account_without_a_workspace_writes_nothing() {
    let app = App::start().await;
    let user = app.auth.login_as("user").await;
    let refused = app
        .post("/notes", Some(&user), json!({"text": "Hello"}))
        .await;
    assert_eq!(refused.expect(403)["error"], "no_workspace");
}

#[tokio::test]
async fn curators_delete_notes_and_others_do_not() {
    let app = App::start().await;
    let anna = app.member("anna@example.com", "Kitchen").await;
    let note = app
        .post("/notes", Some(&anna), json!({"text": "Tea"}))
        .await;
    let path = format!("/notes/{}", note.expect(201)["id"]);
    let support = app.auth.login_as(Staff::Support.name()).await;
    for other in [&anna, &support] {
        let refused = app.delete(&path, Some(other)).await.expect(403);
        assert_eq!(refused["error"], "insufficient_privileges");
    }
    let curator = app.auth.login_as(Staff::Curator.name()).await;
    app.delete(&path, Some(&curator)).await.expect(204);
    let gone = app.delete(&path, Some(&curator)).await.expect(404);
    assert_eq!(gone["error"], "no_such_note");
}

#[tokio::test]
async fn the_back_office_is_for_the_role_that_is_set() {
    let app = App::start().await;
    let anna = app.member("anna@example.com", "Kitchen").await;
    app.post("/notes", Some(&anna), json!({"text": "Tea"}))
        .await
        .expect(201);
    app.get("/back-office/workspaces", None).await.expect(401);
    app.get("/back-office/workspaces", Some(&anna))
        .await
        .expect(403);

    let support = app.auth.login_as(Staff::Support.name()).await;
    let workspaces = app.get("/back-office/workspaces", Some(&support)).await;
    assert_eq!(
        workspaces.expect(200),
        json!([{"name": "Kitchen", "members": 1}])
    );
    let notes = app
        .get("/back-office/notes", Some(&support))
        .await
        .expect(200);
    assert_eq!(notes, json!([{"id": 1, "workspace": "Kitchen"}]));

    let both = [Staff::Curator, Staff::Support].map(Staff::name);
    app.auth.add_user("clara@example.com", both).await;
    let clara = app
        .auth
        .log_in("clara@example.com", doorward::testing::PASSWORD)
        .await;
    let notes = app
        .get("/back-office/notes", Some(&clara))
        .await
        .expect(200);
    assert_eq!(texts(&notes), ["Tea"]);
}

#[tokio::test]
async fn what_somebody_wrote_outlives_their_account() {
    let app = App::start().await;
    let anna = app.member("anna@example.com", "Kitchen").await;
    app.post("/notes", Some(&anna), json!({"text": "Tea"}))
        .await
        .expect(201);
    app.delete("/api/v1/users/me", Some(&anna))
        .await
        .expect(204);

    assert_eq!(app.count("doorward_users").await, 0);
    assert_eq!(app.count("members").await, 0);
    let author: Option<uuid::Uuid> = sqlx::query_scalar("select author_id from notes")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(author, None);
}
