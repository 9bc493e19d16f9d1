//! What an account may do before its address is verified, where the setting says: nothing but
//! manage itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_tests::engine::{PASSWORD, token_in};
use doorward_tests::http::{Client, TestApi};
use serde_json::{Value, json};

async fn start() -> TestApi {
    TestApi::with_mail_and(|builder| builder.require_verified_email(true)).await
}

async fn verify(api: &TestApi, client: &Client) {
    api.engine().mails().await;
    let asked = client.post("/auth/email/verification/request").await;
    assert_eq!(asked.status, 200, "{asked}");
    let mail = api.engine().mail("Confirm your email").await;
    let body = json!({"token": token_in(&mail)});
    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    assert_eq!(confirm.json(&body).await.status, 200);
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// What admins alone may do, with a body where it takes one.
fn privileged(user: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let new = json!({"email": "new@example.com", "password": PASSWORD});
    let role = json!({"name": "pilot"});
    vec![
        ("GET", "/users".to_owned(), None),
        ("POST", "/users".to_owned(), Some(new)),
        ("GET", "/users/stats/count".to_owned(), None),
        ("GET", format!("/users/{user}"), None),
        (
            "PATCH",
            format!("/users/{user}"),
            Some(json!({"full_name": "Anna"})),
        ),
        (
            "PUT",
            format!("/users/{user}/roles"),
            Some(json!({"roles": ["moderator"]})),
        ),
        ("DELETE", format!("/users/{user}/lock"), None),
        ("GET", "/roles".to_owned(), None),
        ("POST", "/roles".to_owned(), Some(role)),
        ("GET", "/audit-events".to_owned(), None),
        ("DELETE", format!("/users/{user}"), None),
    ]
}

#[tokio::test]
async fn an_admin_may_do_nothing_of_an_admins_until_the_address_is_verified() {
    let api = start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let calls = || {
        privileged(&user.id)
            .into_iter()
            .map(|(method, path, body)| {
                let call = admin.call(method, &path);
                let name = format!("{method} {path}");
                (name, body.map_or(call.clone(), |body| call.json(&body)))
            })
    };
    for (name, call) in calls() {
        let answer = call.await;
        let told = (answer.status, &answer.json()["code"]);
        assert_eq!(
            told,
            (403, &json!("email_not_verified")),
            "{name}: {answer}"
        );
    }
    verify(&api, &admin).await;
    for (name, call) in calls() {
        let answer = call.await;
        assert!(answer.status < 300, "{name}: {answer}");
    }
}

#[tokio::test]
async fn the_own_account_can_be_managed() {
    let api = start().await;
    let admin = api.login_as("admin").await;
    let path = format!("/users/{}", admin.id);
    for path in ["/users/me", "/auth/me", "/auth/sessions", &path] {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
    let body = json!({"full_name": "Anna"});
    assert_eq!(admin.patch("/users/me").json(&body).await.status, 200);
    assert_eq!(admin.refresh(&admin.refresh_token).await.status, 200);
    // To verify oneself without a mail is an admin's field.
    let body = json!({"is_verified": true});
    assert_eq!(admin.patch("/users/me").json(&body).await.status, 403);
    let body = json!({"roles": ["user"]});
    assert_eq!(admin.patch("/users/me").json(&body).await.status, 403);
    verify(&api, &admin).await;
    assert_eq!(admin.get("/users").await.status, 200);
}

#[tokio::test]
async fn to_other_services_an_unverified_account_has_no_role() {
    let api = start().await;
    let admin = api.login_as("admin").await;
    let before = claims(admin.access_token.as_deref().unwrap());
    assert_eq!(
        (&before["roles"], &before["role"]),
        (&json!([]), &json!(""))
    );
    verify(&api, &admin).await;
    let tokens = admin.refresh(&admin.refresh_token).await.expect(200).json();
    let after = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!(after["roles"], json!(["admin"]));
}

#[tokio::test]
async fn who_leaves_a_verified_address_is_verified_by_the_new_one() {
    let api = start().await;
    let admin = api.login_as("admin").await;
    verify(&api, &admin).await;
    let body = json!({"email": "new@example.com", "current_password": PASSWORD});
    assert_eq!(admin.patch("/users/me").json(&body).await.status, 200);
    assert_eq!(admin.get("/users").await.status, 200);
    let mail = api.engine().mail("Confirm your new email").await;
    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    let answer = confirm.json(&json!({"token": token_in(&mail)})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(admin.get("/users").await.status, 200);
}
