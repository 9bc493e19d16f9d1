//! Signing up: an account and a workspace, both or neither.

use doorward::testing::PASSWORD;
use doorward_tests::tokens::claims_of;
use serde_json::json;

use super::fixture::App;

impl App {
    async fn holds(&self, accounts: i64, workspaces: i64) {
        assert_eq!(self.count("doorward_users").await, accounts);
        assert_eq!(self.count("members").await, accounts);
        assert_eq!(self.count("workspaces").await, workspaces);
    }
}

#[tokio::test]
async fn whoever_signs_up_has_an_account_and_a_workspace() {
    let app = App::start().await;
    let member = app.sign_up("anna@example.com", "Kitchen").await.expect(201);
    app.holds(1, 1).await;
    let anna = app.auth.log_in("anna@example.com", PASSWORD).await;
    assert_eq!(member["user_id"], anna.user.id.to_string());
    // The mail that asks her to confirm the address went with the same commit.
    assert_eq!(app.auth.mails().await.len(), 1);
}

#[tokio::test]
async fn a_taken_address_leaves_no_workspace() {
    let app = App::start().await;
    app.sign_up("anna@example.com", "Kitchen").await.expect(201);
    let refused = app.sign_up("Anna@example.com", "Garden").await.expect(409);
    assert_eq!(refused["error"], "email_taken");
    app.holds(1, 1).await;
    // And nothing of it is in the way of the next one.
    app.sign_up("berta@example.com", "Garden").await.expect(201);
    app.holds(2, 2).await;
}

#[tokio::test]
async fn a_taken_workspace_leaves_no_account() {
    let app = App::start().await;
    app.sign_up("anna@example.com", "Kitchen").await.expect(201);
    let refused = app
        .sign_up("berta@example.com", "Kitchen")
        .await
        .expect(409);
    assert_eq!(
        refused,
        json!({"error": "workspace_taken", "message": "There is a workspace of this name"})
    );
    app.holds(1, 1).await;
}

#[tokio::test]
async fn strangers_are_told_where_they_may_sign_up() {
    let app = App::start().await;
    for stranger in ["anna@example.org", "anna@notexample.com"] {
        let refused = app.sign_up(stranger, "Kitchen").await.expect(403);
        assert_eq!(
            refused,
            json!({
                "error": "registration_refused",
                "message": "Sign up with your address at example.com",
            })
        );
    }
    app.holds(0, 0).await;
    let path = "/api/v1/auth/register";
    let body = json!({"email": "anna@example.com", "password": PASSWORD});
    app.post(path, None, body).await.expect(404);
}

#[tokio::test]
async fn tokens_tell_who_is_staff() {
    let app = App::start().await;
    for (role, is_staff) in [("support", true), ("user", false)] {
        let user = app.auth.login_as(role).await;
        let claims = claims_of(user.tokens.access_token.as_str());
        assert_eq!(claims["staff"], is_staff, "{claims}");
        assert_eq!(claims["iss"], "notes");
    }
}
