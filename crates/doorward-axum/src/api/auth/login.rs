//! `POST /auth/login`

use axum::extract::State;
use doorward::{Doorward, LoginAttempt, LoginOutcome};

use crate::cookie_sessions::LoginCookies;
use crate::problem::Problem;
use crate::wire::{LoginBody, LoginFormBody, TokenAnswer, TokenBody};

/// Log in with a username or e-mail address and a password.
///
/// Takes JSON, or the form of OAuth 2.0's password grant.
#[utoipa::path(
    post,
    path = "/login",
    tag = "Authentication",
    request_body(content(
        (
            LoginBody = "application/json",
            example = json!({
                "username": "anna@example.com",
                "password": "correct horse battery staple",
            }),
        ),
        (
            LoginFormBody = "application/x-www-form-urlencoded",
            example = json!({
                "grant_type": "password",
                "username": "anna@example.com",
                "password": "correct horse battery staple",
            }),
        ),
    )),
    responses(
        (status = 200, description = "The tokens of a new session.", body = TokenBody),
        (status = 401, description = "Incorrect username or password."),
        (
            status = 403,
            description = "The password is right, and the account is deactivated; or a captcha is to be solved.",
        ),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn login(
    State(engine): State<Doorward>,
    cookies: LoginCookies,
    LoginBody(attempt): LoginBody,
) -> Result<TokenAnswer, Problem> {
    log_in(&engine, &cookies, attempt).await
}

/// Logs in, for both login endpoints.
pub(super) async fn log_in(
    engine: &Doorward,
    cookies: &LoginCookies,
    attempt: LoginAttempt,
) -> Result<TokenAnswer, Problem> {
    let LoginOutcome::LoggedIn(tokens) = engine.login(attempt).await?;
    Ok(TokenAnswer::new(engine, cookies, &tokens))
}
