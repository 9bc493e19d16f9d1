//! The bodies of login requests.

use axum::RequestExt as _;
use axum::extract::{FromRef, FromRequest, Request};
use doorward::{Doorward, LoginAttempt, Password};
use utoipa::ToSchema;

use super::CaptchaToken;
use crate::extract::RequestOrigin;
use crate::fields::{FieldFault, Fields, FormBody, FromFields, JsonOrForm};
use crate::problem::Problem;

/// What somebody who logs in sends, as `POST /auth/login` reads it, and from where.
///
/// JSON `{"username": …, "password": …}`, or the same as a form; `email` does where `username`
/// is not sent, and either holds a username or an e-mail address. A `captcha_token` may come
/// along; a `grant_type` other than `password` is refused. Faults are told all at once (422);
/// 415, 413, 408 and 400 are those of [`JsonOrForm`].
///
/// The attempt's caller has the request's [origin](RequestOrigin), which limits and the lock
/// count by.
///
/// In an OpenAPI document it is the schema `Login`; that of its form is [`LoginFormBody`]'s.
///
/// ```
/// use axum::extract::State;
/// use axum::{Router, routing::post};
/// use doorward::{Doorward, LoginOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{LoginBody, LoginFormBody, TokenBody};
///
/// /// Log in.
/// #[utoipa::path(
///     post,
///     path = "/login",
///     request_body(content(
///         (LoginBody = "application/json"),
///         (LoginFormBody = "application/x-www-form-urlencoded"),
///     )),
///     responses((status = 200, body = TokenBody)),
/// )]
/// async fn log_in(
///     State(auth): State<Doorward>,
///     LoginBody(attempt): LoginBody,
/// ) -> Result<TokenBody, Problem> {
///     let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
///     Ok(TokenBody::from(&tokens))
/// }
///
/// let app: Router<Doorward> = Router::new().route("/login", post(log_in));
/// ```
#[derive(Debug)]
pub struct LoginBody(pub LoginAttempt);

/// The form of OAuth 2.0's password grant (RFC 6749 §4.3.2), as `POST /auth/login/form` reads
/// it, and from where: a [`LoginBody`] that no JSON is taken for.
///
/// In an OpenAPI document it is the schema `LoginForm`.
///
/// ```
/// use axum::extract::State;
/// use axum::{Router, routing::post};
/// use doorward::{Doorward, LoginOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{LoginFormBody, TokenBody};
///
/// async fn token(
///     State(auth): State<Doorward>,
///     LoginFormBody(attempt): LoginFormBody,
/// ) -> Result<TokenBody, Problem> {
///     let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
///     Ok(TokenBody::from(&tokens))
/// }
///
/// let app: Router<Doorward> = Router::new().route("/token", post(token));
/// ```
#[derive(Debug)]
pub struct LoginFormBody(pub LoginAttempt);

impl<S> FromRequest<S> for LoginBody
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        let Ok(origin) = request.extract_parts().await;
        let JsonOrForm(credentials) = JsonOrForm::from_request(request, state).await?;
        Ok(Self(attempt(credentials, origin)))
    }
}

impl<S> FromRequest<S> for LoginFormBody
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        let Ok(origin) = request.extract_parts().await;
        let FormBody(credentials) = FormBody::from_request(request, state).await?;
        Ok(Self(attempt(credentials, origin)))
    }
}

fn attempt(credentials: Credentials, origin: RequestOrigin) -> LoginAttempt {
    LoginAttempt::new(credentials.name, credentials.password)
        .by(origin.anonymous())
        .captcha_token(credentials.captcha_token)
}

/// What was sent to log in.
struct Credentials {
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

documented_as!(LoginBody, Shape);
documented_as!(LoginFormBody, FormShape);

/// Who logs in: a username or an e-mail address, in either field, and the password.
#[derive(ToSchema)]
#[schema(as = Login)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Credentials` is what is read"
)]
struct Shape {
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
#[derive(ToSchema)]
#[schema(as = LoginForm)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Credentials` is what is read"
)]
struct FormShape {
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
