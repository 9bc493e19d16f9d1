//! Accounts with an e-mail address: a route for everybody, one for users, one for admins.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program says where it is"
)]

mod body;
mod routes;

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::iter::successors;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use doorward::{Database, Doorward};
use doorward_axum::edge::{AllowedOrigins, Edge, EdgeConfig};
use tokio::net::TcpListener;

/// Where pages come from that are being developed.
const ORIGINS: [&str; 3] = [
    "http://localhost:3000",
    "http://localhost:5173",
    "http://localhost:8080",
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
    let app = routes::build(build_engine().await?)?;
    let mut edge = EdgeConfig::default();
    edge.allowed_origins = AllowedOrigins::exact(ORIGINS)?;
    let host = setting("HOST", "127.0.0.1".to_owned())?;
    let listener = TcpListener::bind((host, setting("PORT", 8000_u16)?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Edge::new(edge).around(app)).await?;
    Ok(())
}

/// The decisions of this app.
async fn build_engine() -> Result<Doorward, Box<dyn Error>> {
    let (url, secret) = (required("DATABASE_URL")?, required("SECRET_KEY")?);
    let minutes: u32 = setting("ACCESS_TOKEN_EXPIRE_MINUTES", 15)?;
    let ttl = Duration::from_secs(60 * u64::from(minutes));
    let engine = Doorward::builder(Database::connect(&url).await?)
        .secret_key(secret)
        .access_token_ttl(ttl)
        // Nobody gets one here: a session ends with its access token.
        .refresh_token_ttl(ttl)
        .build()
        .await?;
    Ok(engine)
}

/// What the environment must set.
fn required(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} must be set"))
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
