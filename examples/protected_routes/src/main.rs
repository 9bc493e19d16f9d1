//! Accounts with an e-mail address: a route for everybody, one for users, one for admins.

mod body;

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router, extract::State};
use body::{Account, Document, Message, Seen};
use doorward::{Admin, Database, Doorward, LoginError, LoginOutcome};
use doorward::{IdentityRejected, RegisterError, RegistrationOutcome};
use doorward_axum::edge::{AllowedOrigins, Edge, EdgeConfig};
use doorward_axum::problem::{Challenge, Problem};
use doorward_axum::{AccessTokenBody, LoginBody, RegistrationBody};
use doorward_axum::{CurrentUser, RequestOrigin, RequireRole};
use doorward_axum::{codes::Code, docs_ui::docs_router, openapi};
use tokio::net::TcpListener;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where pages come from that are being developed.
const ORIGINS: [&str; 3] = [
    "http://localhost:3000",
    "http://localhost:5173",
    "http://localhost:8080",
];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a program says where it is")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = app(engine().await?)?;
    let mut edge = EdgeConfig::default();
    edge.allowed_origins = AllowedOrigins::exact(ORIGINS)?;
    let host = setting("HOST", "127.0.0.1".to_owned())?;
    let listener = TcpListener::bind((host, setting("PORT", 8000)?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Edge::new(edge).around(app)).await?;
    Ok(())
}

async fn engine() -> Result<Doorward, Box<dyn Error>> {
    let (url, secret) = (required("DATABASE_URL")?, required("SECRET_KEY")?);
    let minutes: u32 = setting("ACCESS_TOKEN_EXPIRE_MINUTES", 15)?;
    let ttl = Duration::from_secs(60 * u64::from(minutes));
    let engine = Doorward::builder(Database::connect(&url).await?)
        .secret_key(secret)
        .access_token_ttl(ttl)
        .refresh_token_ttl(ttl) // Nobody gets one here: a session ends with its access token.
        .build()
        .await?;
    Ok(engine)
}

fn required(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} must be set"))
}

fn setting<T: FromStr<Err: Display>>(name: &str, default: T) -> Result<T, String> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|error| format!("{name} is {text:?}: {error}")),
        Err(_) => Ok(default),
    }
}

fn app(engine: Doorward) -> Result<Router, Box<dyn Error>> {
    let (routes, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(public))
        .routes(routes!(health))
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(for_users))
        .routes(routes!(for_admins))
        .split_for_parts();
    openapi::merge(&mut document, openapi::components("/auth/login"))?;
    let pages = docs_router(document.to_json()?.into(), "Protected routes");
    Ok(routes.merge(pages).with_state(engine))
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
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    RegistrationBody(registration): RegistrationBody,
) -> Result<Response, Problem> {
    match engine.register(&origin.anonymous(), registration).await {
        Ok(RegistrationOutcome::Registered(user)) => {
            Ok((StatusCode::CREATED, Json(Account::of(&user))).into_response())
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
    State(engine): State<Doorward>,
    LoginBody(attempt): LoginBody,
) -> Result<AccessTokenBody, Problem> {
    let (code, detail) = match engine.login(attempt).await {
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
