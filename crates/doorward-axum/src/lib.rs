//! Doorward's HTTP API, extractors and OpenAPI document for axum.

pub mod account_pages;
mod api;
pub mod codes;
mod cookie_sessions;
#[cfg(feature = "docs-ui")]
pub mod docs_ui;
pub mod edge;
mod error;
mod extract;
pub mod fault;
pub mod fields;
pub mod openapi;
mod part;
pub mod problem;
mod router;
mod static_page;
mod wire;

pub use cookie_sessions::{CookieSessions, SameSite};
pub use extract::{ClientAddress, CurrentUser, MaybeUser, RequestOrigin, RequirePermission};
pub use part::Part;
pub use router::{Api, api_router};
pub use wire::{LoginBody, LoginFormBody, RegistrationBody, TokenBody, UserBody, rfc3339};

/// The examples of the readme compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
