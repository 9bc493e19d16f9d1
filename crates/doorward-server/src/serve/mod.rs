//! `doorward serve`

mod banner;
mod client;
mod connections;
mod dev_mail;
mod first_admin;
mod memory;
mod metrics;
mod signals;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward::{Doorward, KeptMails};
use doorward_axum::Api;
use doorward_axum::account_pages::account_pages_router;
use doorward_axum::docs_ui::docs_router;
use doorward_axum::edge::{AllowedOrigins, Edge, EdgeConfig, EdgeService};
use doorward_axum::problem::Problem;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::Layer as _;

use crate::engine;
use crate::failure::CommandFailure;
use crate::mail::{self, Mail};
use crate::settings::Settings;
use client::TrustedProxies;
use signals::Signals;

/// Serves until a signal comes, and drains.
pub(crate) async fn serve(settings: Settings) -> Result<(), CommandFailure> {
    let mut signals = Signals::listen()?;
    let listener = bind(&settings).await?;
    let address = listener
        .local_addr()
        .map_err(|error| CommandFailure::refused(format!("cannot tell the address: {error}")))?;
    let app = tokio::select! {
        app = prepare(&settings, address) => app?,
        () = signals.next() => {
            tracing::info!("stopped before it served");
            return Ok(());
        }
    };

    tokio::spawn(memory::give_back());
    let proxies = TrustedProxies::new(settings.trusted_proxies);
    let (begin_drain, drain) = oneshot::channel::<()>();
    let serving = connections::run(listener, app, proxies, async {
        // Whether it is sent or dropped, it means the same.
        let _ = drain.await;
    });
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => return Ok(()),
        () = signals.next() => {}
    }
    tracing::info!("shutting down; a second signal stops at once");
    drop(begin_drain);
    tokio::select! {
        () = serving => Ok(()),
        () = signals.next() => Err(CommandFailure::refused("stopped by the second signal")),
    }
}

/// Makes everything ready to be served at `address`, and tells the operator where it is.
async fn prepare(
    settings: &Settings,
    address: SocketAddr,
) -> Result<EdgeService<Router>, CommandFailure> {
    let secrets = engine::provision(settings)?;
    banner::warn(settings, &secrets);
    let Mail { config, kept } = mail::configure(settings, &banner::base_url(address))?;
    let database = engine::connect(settings).await?;
    let engine = engine::build(settings, &secrets, database, config).await?;
    let first_admin = first_admin::ensure(&engine, settings, &secrets).await?;
    let app = app(settings, engine, kept)?;
    banner::show(settings, &secrets, address, first_admin);
    Ok(app)
}

async fn bind(settings: &Settings) -> Result<TcpListener, CommandFailure> {
    let (host, port) = (settings.host.as_str(), settings.port);
    TcpListener::bind((host, port)).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => "; stop what uses it, or set PORT to another",
            std::io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege, set PORT",
            _ => " (HOST, PORT)",
        };
        CommandFailure::refused(format!(
            "cannot listen on {host} port {port}: {error}{advice}"
        ))
    })
}

/// Everything that is served, with the edge around it.
fn app(
    settings: &Settings,
    engine: Doorward,
    kept: Option<KeptMails>,
) -> Result<EdgeService<Router>, CommandFailure> {
    let (api, document) = api(settings).build::<Doorward>();
    let document = document
        .to_json()
        .map_err(|error| CommandFailure::refused(format!("the OpenAPI document: {error}")))?;
    let document = Bytes::from(document);
    let metrics = match settings.metrics_enabled {
        true => metrics::router(engine.clone(), metrics::record()?),
        false => Router::new(),
    };
    let mails = kept.map(|kept| dev_mail::router(kept, &settings.project_name));
    let router = Router::new()
        .merge(api.with_state(engine))
        .merge(docs_router(document.clone(), &settings.project_name))
        .merge(account_pages_router(
            &settings.api_prefix,
            &settings.project_name,
        ))
        .merge(mails.unwrap_or_default())
        .merge(metrics)
        .route(
            &format!("{}/openapi.json", settings.api_prefix),
            get(document_answer(document)),
        )
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    Ok(Edge::new(edge(settings)?).layer(router))
}

/// The API, as the settings say.
pub(crate) fn api(settings: &Settings) -> Api {
    Api::new()
        .prefix(&settings.api_prefix)
        .title(&settings.project_name)
        .version(&settings.version)
        .cookie_sessions(settings.auth_cookies)
}

fn document_answer(document: Bytes) -> impl Fn() -> std::future::Ready<Response> + Clone {
    move || {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        std::future::ready((headers, document.clone()).into_response())
    }
}

fn edge(settings: &Settings) -> Result<EdgeConfig, CommandFailure> {
    let mut edge = EdgeConfig::default();
    edge.allowed_origins = AllowedOrigins::exact(settings.cors_origins.iter().map(String::as_str))
        .map_err(|error| CommandFailure::settings(format!("BACKEND_CORS_ORIGINS: {error}")))?;
    edge.cookie_sessions = settings
        .auth_cookies
        .then_some(settings.auth_cookie_same_site);
    edge.slow_request = settings.slow_request;
    Ok(edge)
}
