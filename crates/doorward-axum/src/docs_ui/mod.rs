//! The documentation pages: Swagger UI at `/docs`, ReDoc at `/redoc`.
//!
//! Everything they load comes from this server, and their content security
//! policies hold them to it. Scripts are files, never inline; both bundles
//! write styles at run time, so styles alone may be inline.

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::{
    fields::PathParam,
    problem::Problem,
    static_page::{Asset, CSS, JAVASCRIPT, Page},
};

const SWAGGER_UI_HTML: &str = include_str!("../../assets/swagger-ui/index.html");
const SWAGGER_UI_INITIALIZER: &[u8] = include_bytes!("../../assets/swagger-ui/initializer.js");
const SWAGGER_UI_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

const REDOC_HTML: &str = include_str!("../../assets/redoc/index.html");
const REDOC_INITIALIZER: &[u8] = include_bytes!("../../assets/redoc/initializer.js");
const REDOC_BUNDLE: &[u8] = include_bytes!("../../assets/redoc/redoc.standalone.js");
/// Its search index is built by a worker that the bundle carries in itself.
const REDOC_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

const PNG: &str = "image/png";
const JSON: &str = "application/json";

/// The routes `/docs`, `/redoc` with their files, and `/openapi.json`, for the
/// OpenAPI document given as JSON text.
///
/// ```
/// let openapi = r#"{"openapi":"3.1.0","info":{"title":"Doorward","version":"1"},"paths":{}}"#;
/// let app: axum::Router = doorward_axum::docs_ui::docs_router(openapi.into(), "Doorward");
/// ```
pub fn docs_router<S>(openapi_json: Bytes, title: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let docs = Arc::new(Docs {
        title: title.to_owned(),
        openapi: Asset::new(JSON, openapi_json),
        swagger_ui: OnceLock::new(),
        redoc: OnceLock::new(),
    });
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/docs", get(swagger_ui))
        .route("/docs/{asset}", get(swagger_ui_asset))
        .route("/redoc", get(redoc))
        .route("/redoc/{asset}", get(redoc_asset))
        .with_state(docs)
}

/// The pages are made when first asked for: most processes are never asked,
/// and reading megabytes of scripts would be felt at the start.
struct Docs {
    title: String,
    openapi: Asset,
    swagger_ui: OnceLock<Page>,
    redoc: OnceLock<Page>,
}

impl Docs {
    fn swagger_ui(&self) -> &Page {
        self.swagger_ui.get_or_init(|| {
            let title = format!("{} – Swagger UI", self.title);
            Page::new(
                SWAGGER_UI_HTML,
                &title,
                SWAGGER_UI_POLICY,
                swagger_ui_assets(),
            )
        })
    }

    fn redoc(&self) -> &Page {
        self.redoc.get_or_init(|| {
            let title = format!("{} – ReDoc", self.title);
            Page::new(REDOC_HTML, &title, REDOC_POLICY, redoc_assets())
        })
    }
}

fn swagger_ui_assets() -> Vec<(&'static str, Asset)> {
    let config = Arc::new(utoipa_swagger_ui::Config::from("/openapi.json"));
    let bundled = [
        ("swagger-ui-bundle.js", JAVASCRIPT),
        ("swagger-ui.css", CSS),
        ("favicon-32x32.png", PNG),
    ];
    let mut assets = vec![(
        "initializer.js",
        Asset::new(JAVASCRIPT, Bytes::from_static(SWAGGER_UI_INITIALIZER)),
    )];
    for (name, content_type) in bundled {
        // A file that the bundle lacks is not found when it is asked for; a
        // test sees that it lacks none.
        if let Ok(Some(file)) = utoipa_swagger_ui::serve(name, Arc::clone(&config)) {
            assets.push((name, Asset::new(content_type, static_bytes(file.bytes))));
        }
    }
    assets
}

fn redoc_assets() -> Vec<(&'static str, Asset)> {
    [
        ("initializer.js", REDOC_INITIALIZER),
        ("redoc.standalone.js", REDOC_BUNDLE),
    ]
    .map(|(name, bytes)| (name, Asset::new(JAVASCRIPT, Bytes::from_static(bytes))))
    .to_vec()
}

fn static_bytes(bytes: Cow<'static, [u8]>) -> Bytes {
    match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

async fn openapi(State(docs): State<Arc<Docs>>, headers: HeaderMap) -> Response {
    docs.openapi.answer(None, &headers)
}

async fn swagger_ui(State(docs): State<Arc<Docs>>, headers: HeaderMap) -> Response {
    docs.swagger_ui().answer(&headers)
}

async fn redoc(State(docs): State<Arc<Docs>>, headers: HeaderMap) -> Response {
    docs.redoc().answer(&headers)
}

async fn swagger_ui_asset(
    State(docs): State<Arc<Docs>>,
    PathParam(name): PathParam<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match docs.swagger_ui().find_asset(&name) {
        Some(asset) => asset.answer(query.as_deref(), &headers),
        None => Problem::not_found().into_response(),
    }
}

async fn redoc_asset(
    State(docs): State<Arc<Docs>>,
    PathParam(name): PathParam<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match docs.redoc().find_asset(&name) {
        Some(asset) => asset.answer(query.as_deref(), &headers),
        None => Problem::not_found().into_response(),
    }
}
