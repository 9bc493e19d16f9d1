//! `POST /auth/login`

use axum::extract::State;
use doorward::{Doorward, LoginAttempt, LoginOutcome, Password};
use utoipa::ToSchema;

use super::refresh::{TokenAnswer, TokenBody};
use crate::cookie_sessions::LoginCookies;
use crate::extract::RequestOrigin;
use crate::fields::{FieldFault, Fields, FromFields, JsonOrForm};
use crate::problem::Problem;
use crate::wire::CaptchaToken;

/// Who logs in: a username or an e-mail address, in either field, and the password.
#[derive(Debug, ToSchema)]
#[schema(as = Login)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Credentials` is what is read"
)]
pub(crate) struct LoginBody {
    /// The username or the e-mail address.
    #[schema(example = "anna@example.com")]
    username: Option<String>,
    /// The e-mail address or the username, where `username` is not sent.
    email: Option<String>,
    /// The password.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(max_length = 4096)]
    captcha_token: Option<String>,
}

/// The resource owner password credentials of OAuth 2.0 (RFC 6749 §4.3.2).
#[derive(Debug, ToSchema)]
#[schema(as = LoginForm)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Credentials` is what is read"
)]
pub(crate) struct LoginFormBody {
    /// `password`, or nothing.
    #[schema(nullable = false, pattern = "^(password)?$", example = "password")]
    grant_type: Option<String>,
    /// The username or the e-mail address.
    #[schema(example = "anna@example.com")]
    username: String,
    /// The password.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// Taken and not used: what a token permits follows from the account's roles.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(nullable = false, max_length = 4096)]
    captcha_token: Option<String>,
}

/// What was sent to log in.
#[derive(Debug)]
pub(crate) struct Credentials {
    name: String,
    password: Password,
    captcha_token: Option<String>,
}

impl FromFields for Credentials {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = read_name(fields);
        let password = fields.required("password");
        let grant_type = read_grant_type(fields);
        let captcha_token = fields.optional::<CaptchaToken>("captcha_token");
        grant_type?;
        Some(Self {
            name: name?,
            password: password?,
            captcha_token: captcha_token?.map(|token| token.0),
        })
    }
}

fn read_name(fields: &mut Fields) -> Option<String> {
    let username = fields.optional::<String>("username");
    let email = fields.optional::<String>("email");
    match username?.or(email?) {
        Some(name) => Some(name),
        None => fields.refuse("username", FieldFault::missing()),
    }
}

fn read_grant_type(fields: &mut Fields) -> Option<()> {
    match fields.optional::<String>("grant_type")?.as_deref() {
        None | Some("password") => Some(()),
        Some(_) => fields.refuse(
            "grant_type",
            FieldFault::new(
                "string_pattern_mismatch",
                "String should match pattern '^password$'",
            ),
        ),
    }
}

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
    origin: RequestOrigin,
    JsonOrForm(credentials): JsonOrForm<Credentials>,
) -> Result<TokenAnswer, Problem> {
    log_in(&engine, &cookies, origin, credentials).await
}

/// What both doors of login do.
pub(super) async fn log_in(
    engine: &Doorward,
    cookies: &LoginCookies,
    origin: RequestOrigin,
    credentials: Credentials,
) -> Result<TokenAnswer, Problem> {
    let attempt = LoginAttempt::new(credentials.name, credentials.password)
        .by(origin.anonymous())
        .captcha_token(credentials.captcha_token);
    let LoginOutcome::LoggedIn(tokens) = engine.login(attempt).await?;
    Ok(super::refresh::token_answer(engine, cookies, &tokens))
}
