//! Accounts with several roles, made by admins; logins by the OAuth 2.0 password form.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program says where it is"
)]

mod active;
mod body;
mod routes;

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::iter::successors;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use doorward::{
    CreateUserError, Database, Doorward, IdentityRejected, NewUser, Permitted, RoleName,
    TokenSubject,
};
use doorward_axum::edge::Edge;
use tokio::net::TcpListener;

/// How long somebody is logged in.
const SESSION: Duration = Duration::from_secs(30 * 60);

/// Who is there from the start: address, password, name and roles.
const DEMO_USERS: [(&str, &str, &str, &[RoleName]); 2] = [
    (
        "admin@example.com",
        "admin123",
        "Admin User",
        &[RoleName::ADMIN, RoleName::USER],
    ),
    (
        "user@example.com",
        "user123",
        "Regular User",
        &[RoleName::USER],
    ),
];

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
    let open_generate_hash = setting("OPEN_GENERATE_HASH", false)?;
    let app = routes::build(build_engine().await?, open_generate_hash)?;
    let host = setting("HOST", "127.0.0.1".to_owned())?;
    let listener = TcpListener::bind((host, setting("PORT", 8000_u16)?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Edge::default().around(app)).await?;
    Ok(())
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

/// The decisions of this app.
async fn build_engine() -> Result<Doorward, Box<dyn Error>> {
    let secret = env::var("SECRET_KEY")
        .map_err(|_| "SECRET_KEY is missing: 32 characters or more that nobody can guess")?;
    let url = setting("DATABASE_URL", "sqlite:role_lists.db".to_owned())?;
    let engine = Doorward::builder(Database::connect(&url).await?)
        .secret_key(secret)
        .token_subject(TokenSubject::Email)
        .access_token_ttl(SESSION)
        // Nobody gets one here: a session ends with its access token.
        .refresh_token_ttl(SESSION)
        .build()
        .await?;
    create_demo_users(&engine).await?;
    Ok(engine)
}

/// Makes those of the demo users that are not there, also who was there once: an app that is
/// more than a demonstration makes nobody with a known password.
///
/// Their passwords are among the commonest, which nobody may choose: so they come as hashes, as
/// do those of accounts that are moved over from another system.
async fn create_demo_users(engine: &Doorward) -> Result<(), Box<dyn Error>> {
    for (email, password, full_name, roles) in DEMO_USERS {
        let hash = engine.hash_password(password.into()).await?;
        let new = NewUser::with_password_hash(hash)
            .email(email.parse()?)
            .full_name(full_name.parse()?)
            .roles(roles.iter().cloned());
        match engine.create_user(&Permitted::operator(), new).await {
            Ok(_) | Err(CreateUserError::Identity(IdentityRejected::EmailTaken)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
