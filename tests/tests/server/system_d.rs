//! The clients that system D was written for: its `test_authentication.py` and the curl
//! commands of its documentation, changed in nothing but the address.

use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::server::client::Session;
use doorward_tests::server::{ADMIN_EMAIL, Installation, Server};
use http::Method;
use serde_json::{Value, json};

const ENV: &str = include_str!("system_d.env");
const ENV_DATABASE: &str =
    "postgresql+asyncpg://aiverse_user:aiverse_pass@localhost:5432/aiverse_db";

/// Its `.env` as it is, but for the database server. `HOST=0.0.0.0` stands in it too.
fn installation_on(database_url: &str) -> Installation {
    assert!(ENV.contains(ENV_DATABASE));
    Installation::new().file(".env", ENV.replace(ENV_DATABASE, database_url))
}

/// The walk, on each database that there is.
#[tokio::test]
async fn its_test_script_on_sqlite() {
    let place = installation_on("sqlite+aiosqlite:///./aiverse.db");
    walk(&place.start()).await;
    assert!(place.path("aiverse.db").is_file());
}

#[tokio::test]
async fn its_test_script_on_postgres() {
    let Some(database) = TestDatabase::create(Kind::Postgres) else {
        return;
    };
    let (_, address) = database.url().split_once("://").unwrap();
    let place = installation_on(&format!("postgresql+asyncpg://{address}"));
    let server = place.start();
    assert!(server.stdout().contains("PostgreSQL"));
    walk(&server).await;
    server.stop();
    // The harness drops the database after the server has let go of it.
    drop(database);
}

async fn walk(server: &Server) {
    let health = server.http().get("/health").await.expect(200);
    assert_eq!(
        (&health["version"], &health["message"]),
        (&"0.5.0".into(), &"OK".into())
    );

    register(server).await;
    refuse_wrong_logins(server).await;
    let session = log_in(server).await;
    visit_protected_routes(server, &session).await;
    let session = renew(server, &session).await;
    let session = change_password(server, &session).await;
    let session = reset_password(server, &session).await;
    verify_address(server, &session).await;
    refuse_what_is_the_admins(&session).await;
    refuse_bad_tokens(server).await;
    count_accounts(server).await;
    log_out(server, &session).await;
}

fn register_body() -> Value {
    json!({
        "username": "auth_test_user",
        "email": "authtest@example.com",
        "password": "SecurePass123",
        "full_name": "Auth Test User",
    })
}

async fn register(server: &Server) {
    let user = server.http().post("/auth/register", register_body()).await;
    let user = user.expect(201);
    assert_eq!(user["username"], "auth_test_user");
    assert_eq!(
        (&user["role"], &user["is_active"]),
        (&"user".into(), &true.into())
    );

    let again = server.http().post("/auth/register", register_body()).await;
    again.expect(409);
    let mut other_email = register_body();
    other_email["email"] = "another@example.com".into();
    let taken = server.http().post("/auth/register", other_email).await;
    assert_eq!(taken.expect(409)["detail"], "Username already taken");
}

async fn refuse_wrong_logins(server: &Server) {
    for (username, password) in [
        ("wrong_user", "wrong_password"),
        ("auth_test_user", "wrong_password"),
    ] {
        let body = json!({"username": username, "password": password});
        let answer = server.http().post("/auth/login", body).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(
            answer.expect(401)["detail"],
            "Incorrect username or password"
        );
    }
}

/// By username and by address, as JSON and as a form.
async fn log_in(server: &Server) -> Session {
    for name in ["auth_test_user", "authtest@example.com"] {
        let session = server.http().login(name, "SecurePass123").await;
        session.http.get("/auth/me").await.expect(200);

        let form = format!("grant_type=password&username={name}&password=SecurePass123&scope=");
        let call = server.http().call(Method::POST, "/auth/login/form");
        let tokens = call.form(&form).send().await.expect(200);
        assert_eq!(tokens["token_type"], "bearer");
        assert_eq!(tokens["expires_in"], 30 * 60);
    }
    server.http().login("auth_test_user", "SecurePass123").await
}

async fn visit_protected_routes(server: &Server, session: &Session) {
    let stranger = server.http().get("/users").await;
    assert_eq!(stranger.header("www-authenticate"), "Bearer");
    stranger.expect(401);
    // Here system C decides: the list is the moderators' and the admins'.
    session.http.get("/users").await.expect(403);
    let me = session.http.get("/auth/me").await;
    assert_ne!(me.header("x-request-id"), "");
    assert!(me.header("x-process-time").parse::<f64>().is_ok());
    let me = me.expect(200);
    assert_eq!(me["email"], "authtest@example.com");
    assert_eq!(
        session.http.get("/users/me").await.expect(200)["id"],
        me["id"]
    );
}

async fn renew(server: &Server, session: &Session) -> Session {
    let tokens = server.http().refresh(&session.refresh).await.expect(200);
    assert_eq!(tokens["expires_in"], 30 * 60);
    // An access token is no refresh token.
    let refused = server.http().refresh(&session.access).await;
    assert_eq!(refused.expect(401)["detail"], "Invalid refresh token");
    let renewed = Session::new(&server.http(), &tokens);
    // Nor the other way round.
    let swapped = server.http().bearer(&renewed.refresh);
    swapped.get("/auth/me").await.expect(401);
    renewed
}

async fn change_password(server: &Server, session: &Session) -> Session {
    let change = |current: &str| {
        let body = json!({"current_password": current, "new_password": "NewSecurePass123"});
        session.http.post("/auth/password/change", body)
    };
    let refused = change("NotThePassword1").await.expect(400);
    assert_eq!(refused["detail"], "Current password is incorrect");
    let elsewhere = server.http().login("auth_test_user", "SecurePass123").await;
    let changed = change("SecurePass123").await.expect(200);
    assert_eq!(changed["success"], true);

    // The other sessions end at once.
    elsewhere.http.get("/auth/me").await.expect(401);
    server.http().refresh(&elsewhere.refresh).await.expect(401);
    let old = json!({"username": "auth_test_user", "password": "SecurePass123"});
    server.http().post("/auth/login", old).await.expect(401);
    server
        .http()
        .login("auth_test_user", "NewSecurePass123")
        .await
}

/// The token, as its script finds it in a message.
fn token_of(message: &Value) -> String {
    let message = message["message"].as_str().unwrap();
    assert!(message.contains("DEV ONLY"), "{message}");
    message.split(": ").nth(1).unwrap().to_owned()
}

async fn reset_password(server: &Server, session: &Session) -> Session {
    let request = async |email: &str| {
        let body = json!({"email": email});
        let http = server.http();
        http.post("/auth/password/reset/request", body)
            .await
            .expect(200)
    };
    // Nobody has this address, and so nobody is told a token.
    let unknown = request("nobody@example.com").await;
    assert_eq!(
        unknown,
        json!({
            "message": "If the email exists, a password reset link has been sent",
            "success": true,
        })
    );
    let told = request("authtest@example.com").await;
    let body = json!({"token": token_of(&told), "new_password": "ResetPass123"});
    let confirm = async || {
        let http = server.http();
        http.post("/auth/password/reset/confirm", body.clone())
            .await
    };
    let done = confirm().await.expect(200);
    assert_eq!(
        done,
        json!({"message": "Password reset successful", "success": true})
    );
    assert_eq!(
        confirm().await.expect(400)["detail"],
        "Invalid or expired token"
    );

    session.http.get("/auth/me").await.expect(401);
    let old = json!({"username": "auth_test_user", "password": "NewSecurePass123"});
    server.http().post("/auth/login", old).await.expect(401);
    server.http().login("auth_test_user", "ResetPass123").await
}

async fn verify_address(server: &Server, session: &Session) {
    // Its script sends no body.
    let request = async || {
        let path = "/auth/email/verification/request";
        session.http.call(Method::POST, path).send().await
    };
    let told = request().await.expect(200);
    let body = json!({"token": token_of(&told)});
    let http = server.http();
    let done = http.post("/auth/email/verification/confirm", body).await;
    let done = done.expect(200);
    assert_eq!(
        done,
        json!({"message": "Email verified successfully", "success": true})
    );
    let me = session.http.get("/auth/me").await.expect(200);
    assert_eq!(me["is_verified"], true);
    assert_eq!(
        request().await.expect(200)["message"],
        "Email already verified"
    );
}

async fn refuse_what_is_the_admins(session: &Session) {
    let body = json!({
        "username": "new_user",
        "email": "newuser@example.com",
        "password": "Password123",
    });
    let refused = session.http.post("/users", body).await;
    assert_eq!(refused.expect(403)["detail"], "Insufficient privileges");
    session.http.get("/users/stats/count").await.expect(403);
}

async fn refuse_bad_tokens(server: &Server) {
    // The one of its script: long expired, and not signed.
    let expired =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjoxNjAwMDAwMDAwfQ.invalid";
    for token in [expired, "", "not.a.token", "x"] {
        let answer = server.http().bearer(token).get("/auth/me").await;
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert_eq!(
            answer.expect(401)["detail"],
            "Could not validate credentials"
        );
    }
}

/// The first admin's password was made: D's `.env` has none.
async fn count_accounts(server: &Server) {
    let password = server.wait_for_stdout(|text| {
        let (_, rest) = text.split_once("password  ")?;
        Some(rest.split_once('\n')?.0.trim().to_owned())
    });
    let admin = server
        .http()
        .login(ADMIN_EMAIL, &password.unwrap())
        .await
        .http;
    let statistics = admin.get("/users/stats/count").await.expect(200);
    assert_eq!(statistics["total_users"], 2);
}

async fn log_out(server: &Server, session: &Session) {
    // Its script sends no body.
    let call = session.http.call(Method::POST, "/auth/logout");
    let answer = call.send().await.expect(200);
    assert_eq!(answer["success"], true);
    session.http.get("/auth/me").await.expect(401);
    server.http().refresh(&session.refresh).await.expect(401);
}

/// The Quick Start of its documentation.
#[tokio::test]
async fn its_curl_commands() {
    let place = installation_on("sqlite:///./aiverse.db");
    let server = place.start();
    let body = json!({
        "username": "user",
        "email": "user@example.com",
        "password": "password123",
    });
    let registered = server.http().post("/auth/register", body).await;
    // The one that its documentation takes is among the commonest.
    let refused = registered.expect(422);
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "password"]));

    let body = json!({
        "username": "user",
        "email": "user@example.com",
        "password": "a better password",
    });
    server.http().post("/auth/register", body).await.expect(201);
    let session = server.http().login("user", "a better password").await;
    session.http.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn its_env_starts_with_warnings_about_key_and_mail() {
    let place = installation_on("sqlite:///./aiverse.db");
    let outcome = place.start().stop();
    assert!(
        outcome
            .stdout
            .contains("AIVerse Backend 0.5.0 (development)"),
        "{outcome:#?}"
    );
    assert!(
        outcome.stderr.contains("well-known sample key"),
        "{outcome:#?}"
    );
    assert!(outcome.stderr.contains("SMTP_HOST"), "{outcome:#?}");
}
