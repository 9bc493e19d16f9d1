//! `POST /auth/register`

use doorward::{CharacterKind, PasswordPolicy, RequiredIdentity};
use doorward_tests::engine::{PASSWORD, TestEngine, role, subjects, token_in};
use doorward_tests::http::{Answer, TestApi};
use serde_json::{Value, json};

use crate::conventions::lasting_headers;
use crate::redacted::redacted;

async fn register(api: &TestApi, body: &Value) -> Answer {
    api.anonymous().post("/auth/register").json(body).await
}

#[tokio::test]
async fn the_account_is_answered_without_its_password() {
    let api = TestApi::start().await;
    let body = json!({
        "email": "Anna@example.com",
        "username": "Anna_K",
        "password": PASSWORD,
        "full_name": " Anna Kowalska ",
    });
    let answer = register(&api, &body).await.expect(201);
    insta::assert_json_snapshot!(redacted(answer.json()), @r#"
    {
      "created_at": "2025-06-15T15:06:40Z",
      "email": "Anna@example.com",
      "full_name": "Anna Kowalska",
      "id": "[id]",
      "is_active": true,
      "is_verified": false,
      "last_login_at": null,
      "role": "user",
      "roles": [
        "user"
      ],
      "updated_at": "2025-06-15T15:06:40Z",
      "username": "Anna_K"
    }
    "#);
    api.login("anna@example.com").await;
}

#[tokio::test]
async fn an_e_mail_address_is_all_that_is_needed() {
    let api = TestApi::start().await;
    let body = json!({"email": "anna@example.com", "password": PASSWORD});
    let user = register(&api, &body).await.expect(201).json();
    assert_eq!(user["username"], Value::Null);
    assert_eq!(user["full_name"], Value::Null);
}

#[tokio::test]
async fn a_taken_address_is_a_conflict_in_any_spelling() {
    let api = TestApi::start().await;
    api.engine().sign_up("anna@example.com").await;
    for email in ["anna@example.com", "ANNA@EXAMPLE.COM", " anna@example.com "] {
        let body = json!({"email": email, "password": PASSWORD});
        register(&api, &body)
            .await
            .expect_problem(409, "email_taken", "Email already registered");
    }
}

#[tokio::test]
async fn a_taken_username_is_a_conflict_in_any_case() {
    let api = TestApi::start().await;
    let body = |email: &str, username: &str| json!({"email": email, "username": username, "password": PASSWORD});
    let first = register(&api, &body("anna@example.com", "anna")).await;
    assert_eq!(first.status, 201);
    register(&api, &body("boris@example.com", "ANNA"))
        .await
        .expect_problem(409, "username_taken", "Username already taken");
}

#[tokio::test]
async fn no_role_but_the_plain_one_may_be_taken() {
    let api = TestApi::start().await;
    for role in ["admin", "moderator", "guest", "no-such-role"] {
        let body = json!({"email": "anna@example.com", "password": PASSWORD, "role": role});
        register(&api, &body).await.expect_problem(
            403,
            "role_not_assignable",
            "Role may not be self-assigned",
        );
    }
    let body = json!({"email": "anna@example.com", "password": PASSWORD, "role": "user"});
    assert_eq!(register(&api, &body).await.status, 201);
}

#[tokio::test]
async fn an_app_may_let_other_roles_be_taken() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.self_assignable_roles([role("guest")])).await;
    let api = TestApi::on(engine);
    let body = json!({"email": "anna@example.com", "password": PASSWORD, "role": "guest"});
    let user = register(&api, &body).await.expect(201).json();
    assert_eq!(user["roles"], json!(["guest"]));
}

#[tokio::test]
async fn nothing_of_an_admin_can_be_set() {
    let api = TestApi::start().await;
    let body = json!({
        "email": "anna@example.com", "password": PASSWORD,
        "roles": ["admin"], "is_verified": true, "is_active": false,
        "id": "00000000-0000-7000-8000-000000000000",
    });
    let user = register(&api, &body).await.expect(201).json();
    assert_eq!(user["roles"], json!(["user"]));
    assert_eq!(user["is_verified"], json!(false));
    assert_eq!(user["is_active"], json!(true));
    assert_ne!(user["id"], body["id"]);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let api = TestApi::start().await;
    let body = json!({
        "email": "anna", "username": "a b", "password": "short", "full_name": "a\nb", "role": "A",
    });
    register(&api, &body).await.expect_faults(&[
        "value_error body.email Value error, not a valid email address",
        "value_error body.username Value error, a username has 3 to 50 letters, digits, '_', '.' and '-', and is no UUID",
        "string_too_short body.password Password must have at least 8 characters",
        "value_error body.full_name Value error, a full name has 1 to 200 characters and no control characters",
        "value_error body.role Value error, a role's name starts with a lower-case letter and has lower-case letters, digits, '_' and '-', at most 50 characters",
    ]);
    register(&api, &json!({})).await.expect_faults(&[
        "missing body.email Field required",
        "missing body.password Field required",
    ]);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_never_echoed() {
    let api = TestApi::start().await;
    for (password, fault) in [
        (
            "sh0rt",
            "string_too_short body.password Password must have at least 8 characters",
        ),
        (
            "password123",
            "value_error body.password Password is too common; choose one that is harder to guess",
        ),
        (
            &"x".repeat(1025),
            "string_too_long body.password String should have at most 1024 bytes",
        ),
    ] {
        let body = json!({"email": "anna@example.com", "password": password});
        let answer = register(&api, &body).await;
        answer.expect_faults(&[fault]);
        assert!(!answer.text().contains(password));
    }
}

#[tokio::test]
async fn a_password_is_held_against_the_names_beside_it() {
    let api = TestApi::start().await;
    // Also where a name is wrong: all faults are told at once.
    let body = json!({
        "email": "anna.kowalska@example.com", "username": "a b", "password": "Kowalska-1985",
    });
    register(&api, &body).await.expect_faults(&[
        "value_error body.username Value error, a username has 3 to 50 letters, digits, '_', '.' and '-', and is no UUID",
        "value_error body.password Password must be more than your name or e-mail address",
    ]);
    let body = json!({
        "email": "boris@example.com", "password": "kowalska 1985", "full_name": "Anna Kowalska",
    });
    register(&api, &body).await.expect_faults(&[
        "value_error body.password Password must be more than your name or e-mail address",
    ]);
}

#[tokio::test]
async fn all_faults_of_a_password_are_told_at_once() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            require: vec![CharacterKind::Upper, CharacterKind::Digit],
            ..PasswordPolicy::default()
        })
    })
    .await;
    let api = TestApi::on(engine);
    let body = json!({"email": "anna@example.com", "password": "zqmv"});
    register(&api, &body).await.expect_faults(&[
        "string_too_short body.password Password must have at least 8 characters",
        "value_error body.password Password must have an upper-case letter",
        "value_error body.password Password must have a digit",
    ]);
}

#[tokio::test]
async fn which_names_are_required_is_a_setting() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.required_identity(RequiredIdentity::Username))
            .await;
    let api = TestApi::on(engine);
    register(
        &api,
        &json!({"email": "anna@example.com", "password": PASSWORD}),
    )
    .await
    .expect_faults(&["missing body.username Field required"]);
    let body = json!({"username": "anna", "password": PASSWORD});
    let user = register(&api, &body).await.expect(201).json();
    assert_eq!(user["email"], Value::Null);
    api.login("anna").await;
}

#[tokio::test]
async fn where_nothing_is_revealed_every_name_gets_one_answer_and_a_mail_tells_the_rest() {
    let api = TestApi::with_mail_and(|builder| builder.registration_reveals(false)).await;
    let body = json!({"email": "taken@example.com", "username": "taken", "password": PASSWORD});
    let first = register(&api, &body).await;
    let verification = api.engine().mail("Confirm your email").await;
    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    let verified = confirm
        .json(&json!({"token": token_in(&verification)}))
        .await;
    assert_eq!(verified.status, 200);

    let mut answers = vec![first];
    for (email, username, subject) in [
        ("Taken@example.com", "other", "You already have an account"),
        ("taken@example.com", "taken", "You already have an account"),
        ("other@example.com", "TAKEN", "Your registration at"),
        ("free@example.com", "free", "Confirm your email"),
    ] {
        let body = json!({"email": email, "username": username, "password": PASSWORD});
        answers.push(register(&api, &body).await);
        let mail = api.engine().mail(subject).await;
        assert_eq!(mail.to.to_lowercase(), email.to_lowercase());
    }
    let message = "Check your email to finish the registration";
    for answer in &answers {
        assert_eq!(answer.status, 202, "{answer}");
        assert_eq!(answer.json(), json!({"message": message, "success": true}));
        assert_eq!(lasting_headers(answer), lasting_headers(&answers[0]));
    }
    api.login("taken").await;
    // Who has not read the mail learns nothing by logging in either.
    for name in ["other@example.com", "free@example.com", "free"] {
        let body = json!({"username": name, "password": PASSWORD});
        let login = api.anonymous().post("/auth/login").json(&body).await;
        assert_eq!(login.status, 401, "{name}");
    }
}

#[tokio::test]
async fn where_nothing_is_revealed_faults_of_the_request_are_told_all_the_same() {
    let api = TestApi::with_mail_and(|builder| {
        builder
            .registration_reveals(false)
            .required_identity(RequiredIdentity::Either)
    })
    .await;
    api.engine().create("taken@example.com", &["user"]).await;
    api.engine().mails().await;
    for email in ["taken@example.com", "free@example.com"] {
        let body = json!({"email": email, "password": "password123"});
        register(&api, &body).await.expect_faults(&[
            "value_error body.password Password is too common; choose one that is harder to guess",
        ]);
        let body = json!({"email": email, "password": PASSWORD, "role": "admin"});
        register(&api, &body).await.expect_problem(
            403,
            "role_not_assignable",
            "Role may not be self-assigned",
        );
    }
    // Without an address there is no other way to tell.
    let body = json!({"username": "anna", "password": PASSWORD});
    register(&api, &body)
        .await
        .expect_faults(&["missing body.email Field required"]);
    assert_eq!(subjects(&api.engine().mails().await).len(), 0);
}
