//! An app with accounts, and two routes of its own.

use axum::{Router, routing::get};
use doorward::{Admin, Database, Doorward};
use doorward_axum::{CurrentUser, RequireRole, api_router, edge::Edge};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Doorward::builder(Database::connect("sqlite:app.db").await?)
        .secret_key(std::env::var("SECRET_KEY").map_err(|_| "SECRET_KEY is not set")?)
        .build()
        .await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, Edge::default().around(app(auth))).await?;
    Ok(())
}

fn app(auth: Doorward) -> Router {
    Router::new()
        .route("/hello", get(hello))
        .route("/reports", get(reports))
        .merge(api_router()) // /api/v1/auth/register, /api/v1/auth/login and the rest
        .with_state(auth)
}

async fn hello(user: CurrentUser) -> String {
    let name = user.full_name.as_ref().map_or("you", |name| name.as_str());
    format!("Hello, {name}\n")
}

async fn reports(RequireRole(_admin, Admin): RequireRole<Admin>) -> &'static str {
    "All is well\n"
}

#[cfg(test)]
mod tests;
