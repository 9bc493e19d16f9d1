//! `PATCH /users/{id}`

use std::time::Duration;

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

use crate::conventions::expect_revoked;

const NEW: &str = "purple kettle sings at noon";

async fn change(client: &Client, id: &str, body: &Value) -> Answer {
    client.patch(&format!("/users/{id}")).json(body).await
}

fn expect_denied(answer: &Answer) {
    answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_takes_away() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"full_name": "Anna", "username": "anna"});
    let changed = change(&user, &user.id, &body).await.expect(200).json();
    assert_eq!(changed["full_name"], json!("Anna"));

    let changed = change(&user, &user.id, &json!({"full_name": "Anna K."})).await;
    let changed = changed.expect(200).json();
    assert_eq!(changed["username"], json!("anna"));
    assert_eq!(changed["email"], json!("user@example.com"));

    let changed = change(&user, &user.id, &json!({"full_name": null})).await;
    let changed = changed.expect(200).json();
    assert_eq!(changed["full_name"], Value::Null);
    assert_eq!(changed["username"], json!("anna"));

    let changed = change(&user, &user.id, &json!({})).await.expect(200).json();
    assert_eq!(changed["username"], json!("anna"));
    assert_eq!(changed, user.get("/users/me").await.json());
}

#[tokio::test]
async fn the_change_is_dated() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_secs(60));
    let changed = change(&user, &user.id, &json!({"full_name": "Anna"})).await;
    assert_eq!(
        changed.expect(200).json()["updated_at"],
        json!("2025-06-15T15:07:40.001Z")
    );
}

#[tokio::test]
async fn an_address_that_is_required_cannot_be_taken_away() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    change(&user, &user.id, &json!({"email": null}))
        .await
        .expect_faults(&["missing body.email Field required"]);
}

#[tokio::test]
async fn the_fields_of_admins_are_not_for_others() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for role in ["guest", "user", "moderator"] {
        let client = api.login_as(role).await;
        for body in [
            json!({"role": "admin"}),
            json!({"roles": ["admin"]}),
            json!({"role": role}),
            json!({"is_active": true}),
            json!({"is_verified": true}),
            json!({"password": NEW}),
            json!({"full_name": "Anna", "is_verified": true}),
        ] {
            expect_denied(&change(&client, &client.id, &body).await);
            expect_denied(&client.patch("/users/me").json(&body).await);
        }
        expect_denied(&change(&client, &admin.id, &json!({"full_name": "x"})).await);
        let me = client.get("/users/me").await.expect(200).json();
        assert_eq!(me["roles"], json!([role]));
        assert_eq!(me["full_name"], Value::Null);
    }
}

#[tokio::test]
async fn an_admin_changes_anything_of_anybody() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let body = json!({
        "email": "new@example.com", "username": "new", "full_name": "New",
        "role": "moderator", "is_active": true, "is_verified": true,
    });
    let changed = change(&admin, &user.id, &body).await.expect(200).json();
    assert_eq!(changed["email"], json!("new@example.com"));
    assert_eq!(changed["role"], json!("moderator"));
    assert_eq!(changed["roles"], json!(["moderator"]));
    assert_eq!(changed["is_verified"], json!(true));
}

#[tokio::test]
async fn new_roles_count_on_the_next_request() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    expect_denied(&user.get("/users").await);
    let promoted = change(&admin, &user.id, &json!({"role": "moderator"})).await;
    assert_eq!(promoted.status, 200);
    assert_eq!(user.get("/users").await.status, 200);
    let demoted = change(&admin, &user.id, &json!({"roles": ["guest"]})).await;
    assert_eq!(demoted.status, 200);
    expect_denied(&user.get("/users").await);
}

#[tokio::test]
async fn a_deactivation_counts_on_the_next_request() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    assert!(user.is_let_in().await);
    let off = change(&admin, &user.id, &json!({"is_active": false})).await;
    assert_eq!(off.expect(200).json()["is_active"], json!(false));
    let told = user.get("/users/me").await;
    told.expect_problem(401, "inactive_user", "Could not validate credentials");
    assert_eq!(user.refresh(&user.refresh_token).await.status, 401);

    let on = change(&admin, &user.id, &json!({"is_active": true})).await;
    assert_eq!(on.expect(200).json()["is_active"], json!(true));
    expect_revoked(&user).await;
    api.login_as("user").await;
}

#[tokio::test]
async fn a_password_that_an_admin_sets_ends_all_sessions() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    assert!(user.is_let_in().await);
    let set = change(&admin, &user.id, &json!({"password": NEW})).await;
    assert_eq!(set.status, 200);
    expect_revoked(&user).await;
    api.login_with("user@example.com", NEW).await;
}

#[tokio::test]
async fn names_stay_unique() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let named = change(&admin, &admin.id, &json!({"username": "boss"})).await;
    assert_eq!(named.status, 200);
    change(&user, &user.id, &json!({"email": "Admin@example.com"}))
        .await
        .expect_problem(409, "email_taken", "Email already registered");
    change(&user, &user.id, &json!({"username": "BOSS"}))
        .await
        .expect_problem(409, "username_taken", "Username already taken");
    // The own ones are not taken.
    let body = json!({"email": "USER@example.com"});
    assert_eq!(change(&user, &user.id, &body).await.status, 200);
}

#[tokio::test]
async fn there_is_always_an_admin() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for body in [
        json!({"role": "user"}),
        json!({"roles": []}),
        json!({"is_active": false}),
    ] {
        change(&admin, &admin.id, &body).await.expect_problem(
            409,
            "last_admin",
            "The last active admin must stay one",
        );
    }
    api.engine().create("second@example.com", &["admin"]).await;
    let demoted = change(&admin, &admin.id, &json!({"role": "user"})).await;
    assert_eq!(demoted.status, 200);
}

#[tokio::test]
async fn a_new_address_takes_the_password_or_a_recent_login() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"email": "first@example.com"});
    assert_eq!(change(&user, &user.id, &body).await.status, 200);

    api.engine().advance(Duration::from_secs(301));
    let body = json!({"email": "second@example.com"});
    change(&user, &user.id, &body).await.expect_problem(
        403,
        "reauthentication_required",
        "Send your current password, or log in again",
    );
    let wrong = json!({"email": "second@example.com", "current_password": "wrong"});
    change(&user, &user.id, &wrong).await.expect_problem(
        400,
        "incorrect_password",
        "Current password is incorrect",
    );
    let right = json!({"email": "second@example.com", "current_password": PASSWORD});
    assert_eq!(change(&user, &user.id, &right).await.status, 200);
    let plain = change(&user, &user.id, &json!({"full_name": "Anna"})).await;
    assert_eq!(plain.status, 200);
}

#[tokio::test]
async fn a_new_address_is_not_verified() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let verified = change(&admin, &user.id, &json!({"is_verified": true})).await;
    assert_eq!(verified.status, 200);
    let same = change(&user, &user.id, &json!({"email": "User@Example.com"})).await;
    assert_eq!(same.expect(200).json()["is_verified"], json!(true));
    let other = change(&user, &user.id, &json!({"email": "new@example.com"})).await;
    assert_eq!(other.expect(200).json()["is_verified"], json!(false));
}

#[tokio::test]
async fn who_is_not_there_cannot_be_changed() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let nobody = "01890000-0000-7000-8000-000000000000";
    let body = json!({"full_name": "Anna"});
    change(&admin, nobody, &body)
        .await
        .expect_problem(404, "not_found", "User not found");
    expect_denied(&change(&user, nobody, &body).await);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({
        "email": "x", "role": "user", "roles": ["user"], "is_verified": 1, "password": "short",
    });
    change(&admin, &admin.id, &body).await.expect_faults(&[
        "value_error body.email Value error, not a valid email address",
        "value_error body.role Value error, send either role or roles",
        "bool_type body.is_verified Input should be a valid boolean",
        "string_too_short body.password Password must have at least 8 characters",
    ]);
}
