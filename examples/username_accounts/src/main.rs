//! Accounts with a username and a role: register, log in, and a page for admins alone.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program says where it is"
)]

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::iter::successors;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use doorward::{
    Admin, Database, Doorward, LoginOutcome, RegistrationOutcome, RequiredIdentity, RoleName,
    TokenSubject, User,
};
use doorward_axum::edge::Edge;
use doorward_axum::problem::Problem;
use doorward_axum::{AccessTokenBody, LoginBody, RegistrationBody, RequestOrigin, RequireRole};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            successors(error.source(), |&cause| cause.source())
                .for_each(|cause| eprintln!("  because: {cause}"));
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/register", post(register))
        .route("/login", post(log_in))
        .route("/admin-dashboard", get(admin_dashboard))
        .with_state(build_engine().await?);
    let host = setting("HOST", "127.0.0.1".to_owned())?;
    let port = setting("PORT", 8000_u16)?;
    let listener = TcpListener::bind((host, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Edge::default().around(app)).await?;
    Ok(())
}

/// The decisions of this app.
async fn build_engine() -> Result<Doorward, Box<dyn Error>> {
    let secret = env::var("SECRET_KEY")
        .map_err(|_| "SECRET_KEY is missing: 32 characters or more that nobody can guess")?;
    let algorithm = setting("ALGORITHM", "HS256".to_owned())?;
    if algorithm != "HS256" {
        return Err(format!("ALGORITHM is {algorithm}; tokens are signed with HS256 alone").into());
    }
    let minutes: u32 = setting("ACCESS_TOKEN_EXPIRE_MINUTES", 30)?;
    let session = Duration::from_secs(60 * u64::from(minutes));
    let url = setting("DATABASE_URL", "sqlite:username_accounts.db".to_owned())?;
    let engine = Doorward::builder(Database::connect(&url).await?)
        .secret_key(secret)
        .required_identity(RequiredIdentity::Username)
        .token_subject(TokenSubject::Username)
        .access_token_ttl(session)
        // Nobody gets one here: a session ends with its access token.
        .refresh_token_ttl(session)
        // Whoever registers here may be an admin. That is for demonstrations: leave this line
        // out, and `user` is all that anybody can make of themselves.
        .self_assignable_roles([RoleName::USER, RoleName::ADMIN])
        .build()
        .await?;
    Ok(engine)
}

/// What the environment sets, or else this.
fn setting<T: FromStr<Err: Display>>(name: &str, default: T) -> Result<T, String> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|error| format!("{name} is {text:?}: {error}")),
        Err(_) => Ok(default),
    }
}

async fn register(
    State(auth): State<Doorward>,
    origin: RequestOrigin,
    RegistrationBody(registration): RegistrationBody,
) -> Result<Response, Problem> {
    match auth.register(&origin.anonymous(), registration).await? {
        RegistrationOutcome::Registered(user) => {
            Ok((StatusCode::CREATED, Json(show(&user))).into_response())
        }
        RegistrationOutcome::ToldByMail => Ok(StatusCode::ACCEPTED.into_response()),
    }
}

fn show(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_ref().map(ToString::to_string),
        "role": user.role().map(ToString::to_string),
    })
}

async fn log_in(
    State(auth): State<Doorward>,
    LoginBody(attempt): LoginBody,
) -> Result<AccessTokenBody, Problem> {
    let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    Ok(AccessTokenBody::from(&tokens))
}

async fn admin_dashboard(_: RequireRole<Admin>) -> Json<Value> {
    Json(json!({"message": "Welcome admin"}))
}
