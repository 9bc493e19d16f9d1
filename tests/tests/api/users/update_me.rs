//! `PATCH /users/me`

use doorward_tests::engine::{PASSWORD, token_in};
use doorward_tests::http::TestApi;
use serde_json::{Value, json};

#[tokio::test]
async fn the_plain_fields_are_the_owners() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"full_name": "Anna", "username": "anna", "email": "anna@example.com"});
    let changed = user.patch("/users/me").json(&body).await.expect(200).json();
    for field in ["full_name", "username", "email"] {
        assert_eq!(changed[field], body[field]);
    }
    api.login("anna").await;
}

#[tokio::test]
async fn it_is_the_same_as_by_the_id() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"full_name": "Anna", "id": 1, "created_at": null, "unknown": {}});
    let changed = user.patch("/users/me").json(&body).await.expect(200).json();
    assert_eq!(changed["id"], json!(user.id));
    let body = json!({"full_name": null});
    let path = format!("/users/{}", user.id);
    let changed = user.patch(&path).json(&body).await.expect(200).json();
    assert_eq!(changed["full_name"], Value::Null);
}

#[tokio::test]
async fn without_mail_a_new_address_counts_at_once_and_is_not_verified() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let verified = json!({"is_verified": true});
    let me = admin.patch("/users/me").json(&verified).await.expect(200);
    assert_eq!(me.json()["is_verified"], json!(true));
    let body = json!({"email": "new@example.com"});
    let me = admin
        .patch("/users/me")
        .json(&body)
        .await
        .expect(200)
        .json();
    assert_eq!(me["email"], json!("new@example.com"));
    assert_eq!(me["is_verified"], json!(false));
}

#[tokio::test]
async fn with_mail_a_new_address_counts_when_it_is_verified() {
    let api = TestApi::with_mail().await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    let body = json!({"email": "new@example.com", "full_name": "Anna"});
    let me = user.patch("/users/me").json(&body).await.expect(200).json();
    assert_eq!(me["email"], json!("user@example.com"));
    assert_eq!(me["full_name"], json!("Anna"));
    let mail = api.engine().mail("Confirm your new email").await;
    assert_eq!(mail.to, "new@example.com");
    assert!(!mail.text.contains("Anna"), "{}", mail.text);

    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    let answer = confirm.json(&json!({"token": token_in(&mail)})).await;
    assert_eq!(answer.status, 200);
    let me = user.get("/users/me").await.json();
    assert_eq!(me["email"], json!("new@example.com"));
    assert_eq!(me["is_verified"], json!(true));
    let notice = api.engine().mail("Your email address for").await;
    assert_eq!(notice.to, "user@example.com");
}

#[tokio::test]
async fn with_mail_a_taken_address_is_a_conflict_at_once() {
    let api = TestApi::with_mail().await;
    api.engine().create("taken@example.com", &["user"]).await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    let body = json!({"email": "Taken@example.com", "full_name": "Anna"});
    user.patch("/users/me").json(&body).await.expect_problem(
        409,
        "email_taken",
        "Email already registered",
    );
    let me = user.get("/users/me").await.json();
    assert_eq!(me["full_name"], Value::Null);
    assert!(api.engine().mails().await.is_empty());
}

#[tokio::test]
async fn where_nothing_is_revealed_the_owner_of_a_taken_address_is_told_alone() {
    let api = TestApi::with_mail_and(|builder| builder.registration_reveals(false)).await;
    api.engine().create("taken@example.com", &["user"]).await;
    api.engine()
        .create_verified("user@example.com", &["user"])
        .await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    let mut answers = Vec::new();
    for (email, subject) in [
        ("taken@example.com", "You already have an account"),
        ("free@example.com", "Confirm your new email"),
    ] {
        let body = json!({"email": email});
        let answer = user.patch("/users/me").json(&body).await.expect(200);
        answers.push(answer.json());
        let mail = api.engine().mail(subject).await;
        assert_eq!(mail.to, email);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_new_spelling_of_the_same_address_counts_at_once() {
    let api = TestApi::with_mail().await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    let body = json!({"email": "User@example.com", "current_password": PASSWORD});
    let me = user.patch("/users/me").json(&body).await.expect(200).json();
    assert_eq!(me["email"], json!("User@example.com"));
    assert!(api.engine().mails().await.is_empty());
}
