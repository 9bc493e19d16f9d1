//! The OpenAPI document: written by the endpoints, completed here, and merged into that of an
//! application.
//!
//! An application that has a document of its own (utoipa 6) adds Doorward's to it with
//! [`merge`], and serves one documentation page for both:
//!
#![cfg_attr(feature = "docs-ui", doc = "```")]
#![cfg_attr(not(feature = "docs-ui"), doc = "```ignore")]
//! use axum::{Json, Router};
//! use doorward::Doorward;
//! use doorward_axum::docs_ui::docs_router;
//! use doorward_axum::problem::Problem;
//! use doorward_axum::{Api, CurrentUser, openapi};
//! use utoipa::OpenApi as _;
//! use utoipa_axum::{router::OpenApiRouter, routes};
//!
//! #[derive(utoipa::OpenApi)]
//! #[openapi(info(title = "Shop", version = "1.0.0"))]
//! struct ShopApi;
//!
//! /// List the own orders.
//! #[utoipa::path(
//!     get,
//!     path = "/orders",
//!     security(("BearerAuth" = [])),
//!     responses((status = 200, description = "Their numbers.", body = [u32]), Problem),
//! )]
//! async fn orders(CurrentUser(_user): CurrentUser) -> Json<Vec<u32>> {
//!     Json(vec![1, 2])
//! }
//!
//! fn app() -> Result<Router<Doorward>, Box<dyn std::error::Error>> {
//!     let (app, mut document) = OpenApiRouter::with_openapi(ShopApi::openapi())
//!         .routes(routes!(orders))
//!         .split_for_parts();
//!     let (auth, auth_document) = Api::new().build::<Doorward>();
//!     openapi::merge(&mut document, auth_document)?;
//!     let pages = docs_router(document.to_json()?.into(), "Shop");
//!     Ok(app.merge(auth).merge(pages))
//! }
//! # app().unwrap();
//! ```
//!
//! The application's operations name [`BEARER_AUTH`] as what secures them, and [`Problem`] as
//! the body (or, as above, as all the answers) of their refusals: the schema and the scheme
//! come with Doorward's document; with [`components`] where all routes are the application's.
//!
//! [`Problem`]: crate::problem::Problem

mod merge;
mod problems;
mod reshape;
mod security;
#[cfg(feature = "docs-ui")]
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

pub use merge::{MergeError, merge};
pub use reshape::reshape_problems;

/// The security scheme of access tokens in `Authorization: Bearer …`; in every document.
pub const BEARER_AUTH: &str = "BearerAuth";

/// The security scheme that also says where to log in; in documents with
/// [`Part::Login`](crate::Part::Login).
pub const OAUTH2_PASSWORD_BEARER: &str = "OAuth2PasswordBearer";

/// The security scheme of access tokens in a cookie; in documents with
/// [`Api::cookie_sessions`](crate::Api::cookie_sessions).
pub const COOKIE_AUTH: &str = "CookieAuth";

const SUBJECT: &str = "\
Accounts, login, JSON Web Tokens with rotating refresh tokens, sessions, roles and an audit trail.";

const LOGIN: &str = "\
Log in at `POST /auth/login`, send the access token as `Authorization: Bearer …`, and exchange \
the refresh token at `POST /auth/refresh` when the access token has expired. ";

const ERRORS: &str = "Every error is a problem of RFC 9457 with a stable `code`.";

const TAGS: [(&str, &str); 5] = [
    (
        "Authentication",
        "Registration, login, tokens and the own sessions.",
    ),
    ("Users", "Accounts: the own one, and those of others."),
    (
        "Roles",
        "What roles there are, what they permit, and who has them.",
    ),
    ("Audit", "Who did what, on whom, when, from where."),
    ("Service", "Whether it is there and healthy."),
];

/// What the operations of an application refer to whose routes are all its own: the schema of
/// [`Problem`](crate::problem::Problem), and the security schemes [`BEARER_AUTH`] and
/// [`OAUTH2_PASSWORD_BEARER`].
///
/// The latter logs in by a form (as [`LoginFormBody`](crate::LoginFormBody) reads it) at
/// `token_url`, which is relative to the document unless it is absolute: there the dialogue
/// *Authorize* of Swagger UI sends the name and the password. The document has no operations;
/// [`merge`] adds it to the application's own.
///
/// ```
/// use doorward_axum::openapi;
/// use doorward_axum::problem::Problem;
/// use utoipa::OpenApi as _;
///
/// #[derive(utoipa::OpenApi)]
/// #[openapi(paths(orders))]
/// struct ShopApi;
///
/// /// List the own orders.
/// #[utoipa::path(
///     get,
///     path = "/orders",
///     security(("OAuth2PasswordBearer" = [])),
///     responses((status = 200, body = [u32]), Problem),
/// )]
/// fn orders() {}
///
/// let mut document = ShopApi::openapi();
/// openapi::merge(&mut document, openapi::components("/token"))?;
/// let components = document.components.unwrap_or_default();
/// assert!(components.security_schemes.contains_key("OAuth2PasswordBearer"));
/// assert!(components.schemas.contains_key("Problem"));
/// # Ok::<(), openapi::MergeError>(())
/// ```
pub fn components(token_url: &str) -> OpenApi {
    let mut document = OpenApi::default();
    security::add_schemes_of_app(&mut document, token_url);
    problems::add(&mut document);
    document
}

/// What the document has to know of the API that it describes.
#[derive(Debug)]
pub(crate) struct Served<'a> {
    /// The path below which the endpoints stand, without a slash at the end.
    pub(crate) prefix: &'a str,
    /// Whether clients can log in there.
    pub(crate) has_login: bool,
    /// Whether sessions are in cookies.
    pub(crate) has_cookies: bool,
}

/// What the document says of the service as a whole.
pub(crate) fn frame(title: &str, version: &str, has_login: bool) -> OpenApi {
    let login = if has_login { LOGIN } else { "" };
    let info = InfoBuilder::new()
        .title(title)
        .version(version)
        .description(Some(format!("{SUBJECT}\n\n{login}{ERRORS}")))
        .build();
    let tags = TAGS.map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    });
    OpenApiBuilder::new().info(info).tags(Some(tags)).build()
}

/// Adds what holds for every endpoint: how to authenticate, and the problems that any
/// request can meet.
pub(crate) fn complete(document: &mut OpenApi, served: &Served<'_>) {
    security::add(document, served);
    problems::add(document);
    words::add(document);
    keep_used_tags(document);
}

/// Makes the operation's id another one than that of the same endpoint at the root.
pub(crate) fn distinguish(operation: &mut Operation) {
    if let Some(id) = &mut operation.operation_id {
        *id = format!("api_{id}");
    }
}

fn keep_used_tags(document: &mut OpenApi) {
    let used: BTreeSet<String> = document
        .paths
        .paths
        .values_mut()
        .flat_map(operations)
        .flat_map(|operation| operation.tags.iter().flatten().cloned())
        .collect();
    if let Some(tags) = &mut document.tags {
        tags.retain(|tag| used.contains(&tag.name));
    }
    document.tags = document.tags.take().filter(|tags| !tags.is_empty());
}

/// The operations of our own documents, which have these methods alone.
pub(crate) fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.delete,
        &mut path.patch,
    ]
    .into_iter()
    .flatten()
}
