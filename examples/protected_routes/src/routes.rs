//! The routes, and the document that describes them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use doorward::{
    Admin, Doorward, IdentityRejected, LoginError, LoginOutcome, RegisterError, RegistrationOutcome,
};
use doorward_axum::codes::Code;
use doorward_axum::docs_ui::docs_router;
use doorward_axum::openapi::{self, MergeError};
use doorward_axum::problem::{Challenge, Problem};
use doorward_axum::{AccessTokenBody, LoginBody, RegistrationBody};
use doorward_axum::{CurrentUser, RequestOrigin, RequireRole};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::body::{Account, Message, Seen};

const TITLE: &str = "Protected routes";

#[derive(utoipa::OpenApi)]
#[openapi(info(title = TITLE, description = "A route for everybody, one for users, one for admins."))]
struct Document;

pub(crate) fn build(auth: Doorward) -> Result<Router, MergeError> {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(public))
        .routes(routes!(health))
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(for_users))
        .routes(routes!(for_admins))
        .split_for_parts();
    openapi::merge(&mut document, openapi::components("/auth/login"))?;
    let pages = docs_router(document.to_json()?.into(), TITLE);
    Ok(router.merge(pages).with_state(auth))
}

/// Greet anybody.
#[utoipa::path(get, path = "/public", responses((status = 200, body = Message)))]
async fn public() -> Json<Message> {
    Json(Message {
        message: "This is a public endpoint",
    })
}

/// Tell that the service is there.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Message)))]
async fn health() -> Json<Message> {
    Json(Message { message: "OK" })
}

/// Register.
#[utoipa::path(post, path = "/auth/register", request_body = RegistrationBody,
    responses((status = 201, body = Account), Problem))]
async fn register(
    State(auth): State<Doorward>,
    origin: RequestOrigin,
    RegistrationBody(registration): RegistrationBody,
) -> Result<Response, Problem> {
    match auth.register(&origin.anonymous(), registration).await {
        Ok(RegistrationOutcome::Registered(user)) => {
            Ok((StatusCode::CREATED, Json(Account::from(&*user))).into_response())
        }
        Ok(RegistrationOutcome::ToldByMail) => Ok(StatusCode::ACCEPTED.into_response()),
        Err(RegisterError::Identity(IdentityRejected::EmailTaken)) => {
            let (status, detail) = (StatusCode::BAD_REQUEST, "Email already registered");
            Err(Problem::new(status, Code::EmailTaken, detail))
        }
        Err(error) => Err(error.into()),
    }
}

/// Log in.
#[utoipa::path(post, path = "/auth/login", request_body = LoginBody,
    responses((status = 200, body = AccessTokenBody), Problem))]
async fn log_in(
    State(auth): State<Doorward>,
    LoginBody(attempt): LoginBody,
) -> Result<AccessTokenBody, Problem> {
    let (code, detail) = match auth.login(attempt).await {
        Ok(LoginOutcome::LoggedIn(tokens)) => return Ok(AccessTokenBody::from(&tokens)),
        Err(LoginError::InvalidCredentials) => {
            (Code::InvalidCredentials, "Incorrect email or password")
        }
        Err(LoginError::Inactive) => (Code::InactiveUser, "Inactive user account"),
        Err(error) => return Err(error.into()),
    };
    Err(Problem::unauthorized(code, detail, Challenge::Bearer))
}

/// Greet whoever is logged in.
#[utoipa::path(get, path = "/protected/user", security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Seen), Problem))]
async fn for_users(user: CurrentUser) -> Json<Seen> {
    Json(Seen::by(&user, "This is for users"))
}

/// Greet admins.
#[utoipa::path(get, path = "/protected/admin", security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Seen), Problem))]
async fn for_admins(RequireRole(admin, Admin): RequireRole<Admin>) -> Json<Seen> {
    Json(Seen::by(&admin, "This is for admins"))
}
