//! `POST /auth/login/form`

use axum::extract::State;
use doorward::Doorward;

use super::login::log_in;
use crate::cookie_sessions::LoginCookies;
use crate::problem::Problem;
use crate::wire::{LoginFormBody, TokenAnswer, TokenBody};

/// Log in with the form of OAuth 2.0's password grant.
#[utoipa::path(
    post,
    path = "/login/form",
    tag = "Authentication",
    request_body(
        content = LoginFormBody,
        content_type = "application/x-www-form-urlencoded",
        example = json!({
            "grant_type": "password",
            "username": "anna@example.com",
            "password": "correct horse battery staple",
        }),
    ),
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
pub(crate) async fn login_form(
    State(engine): State<Doorward>,
    cookies: LoginCookies,
    LoginFormBody(attempt): LoginFormBody,
) -> Result<TokenAnswer, Problem> {
    log_in(&engine, &cookies, attempt).await
}
