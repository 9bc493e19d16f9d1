//! Notes for teams: an app with a database, tables and errors of its own, which took up Doorward
//! for its accounts.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program says where it is, and why it is not"
)]

mod accounts;
mod app;
mod back_office;
mod database;
mod error;
mod hooks;
mod notes;
mod roles;
mod settings;
mod sign_up;

use std::process::ExitCode;

use doorward::{Database, Doorward};
use tokio::net::TcpListener;

use app::AppState;
use settings::Settings;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_env()?;
    let pool = database::open(&settings.database_url).await?;
    let builder =
        Doorward::builder(Database::from_sqlite_pool(&pool).await?).secret_key(settings.secret_key);
    let auth = accounts::decide(builder).build().await?;
    // Behind the engine, which has brought in the tables that they refer to.
    database::migrate(&pool).await?;

    let router = app::router(AppState { auth, pool }, settings.back_office_role)?;
    let listener = TcpListener::bind((settings.host, settings.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app::edge().around(router)).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
