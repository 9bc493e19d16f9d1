//! The pages that links in mails lead to: `/reset-password` and `/verify-email`.
//!
//! The token stands in the fragment of the link, which browsers send to nobody; a script takes it
//! from the address bar and sends it to the API. An address is confirmed by a click on a
//! button: mail scanners follow links, and would confirm it for anybody.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::fields::PathParam;
use crate::problem::Problem;
use crate::static_page::{Asset, CSS, JAVASCRIPT, Page, escape};

const RESET_PASSWORD: &str = include_str!("../../assets/account-pages/reset-password.html");
const VERIFY_EMAIL: &str = include_str!("../../assets/account-pages/verify-email.html");
const STYLE: &[u8] = include_bytes!("../../assets/account-pages/style.css");
const SCRIPT: &[u8] = include_bytes!("../../assets/account-pages/page.js");

/// Scripts and styles are files of this server, and it alone is spoken to.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The pages, for an API at `api_prefix` of the same origin and a service of this name.
///
/// An application with pages of its own leaves them out, and tells
/// [`Links`](doorward::Links) where its own are.
///
/// ```
/// let pages: axum::Router = doorward_axum::account_pages::account_pages_router("/api/v1", "Shop");
/// ```
pub fn account_pages_router<S>(api_prefix: &str, service: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let pages = Arc::new(AccountPages {
        reset_password: page(RESET_PASSWORD, api_prefix, service),
        verify_email: page(VERIFY_EMAIL, api_prefix, service),
    });
    Router::new()
        .route("/reset-password", get(reset_password))
        .route("/reset-password/{asset}", get(asset))
        .route("/verify-email", get(verify_email))
        .route("/verify-email/{asset}", get(asset))
        .with_state(pages)
}

struct AccountPages {
    reset_password: Page,
    verify_email: Page,
}

/// All URLs in a page are relative, so that it works below any path of a proxy.
fn page(html: &str, api_prefix: &str, service: &str) -> Page {
    let html = html.replace("{api}", &escape(api_prefix.trim_start_matches('/')));
    let assets = vec![
        ("style.css", Asset::new(CSS, Bytes::from_static(STYLE))),
        (
            "page.js",
            Asset::new(JAVASCRIPT, Bytes::from_static(SCRIPT)),
        ),
    ];
    Page::new(&html, service, POLICY, assets)
}

async fn reset_password(State(pages): State<Arc<AccountPages>>) -> Response {
    pages.reset_password.answer_unkept()
}

async fn verify_email(State(pages): State<Arc<AccountPages>>) -> Response {
    pages.verify_email.answer_unkept()
}

/// Both pages load the same files.
async fn asset(
    State(pages): State<Arc<AccountPages>>,
    PathParam(name): PathParam<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match pages.reset_password.find_asset(&name) {
        Some(asset) => asset.answer(query.as_deref(), &headers),
        None => Problem::not_found().into_response(),
    }
}
