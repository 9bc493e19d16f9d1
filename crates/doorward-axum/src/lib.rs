//! Doorward in an axum app: the HTTP API as a router, extractors and guards for the app's own
//! routes, the OpenAPI document, and what every request should pass.
//!
//! # What is in it
//!
//! | for | there is |
//! |---|---|
//! | the API, whole | [`api_router`] |
//! | its path, its title, some of its [parts](Part), its OpenAPI document | [`Api`], [`openapi`] |
//! | who asks | [`CurrentUser`], [`MaybeUser`], [`RequestOrigin`] |
//! | whether they may | [`RequireRole`], [`RequireAnyRole`], [`RequirePermission`], [`RequireVerified`], [`RequireRecentLogin`] |
//! | the same for many routes, or for names known at run time | [`guard`] |
//! | routes of one's own in the place of ours | [`RegistrationBody`], [`RegistrationWith`], [`LoginBody`], [`LoginFormBody`], [`NewUserBody`], [`TokenBody`], [`AccessTokenBody`], [`UserBody`] |
//! | reading other requests, with every fault at once | [`fields`] |
//! | refusals, and giving them another body | [`problem`], [`codes`], [`fault`] |
//! | request ids, CORS, security headers, deadlines, the log | [`edge`] |
//! | sessions of browsers in cookies | [`CookieSessions`] |
//! | pages that mailed links lead to; documentation pages | [`account_pages`], `docs_ui` |
//!
//! Everything asks one thing of the app's state: that a [`Doorward`](doorward::Doorward) can be
//! taken [from it](axum::extract::FromRef). Where the engine is all the state there is, it is
//! the state.
//!
//! # An app
//!
//! ```
//! use axum::extract::{FromRef, State};
//! use axum::{Router, routing::get};
//! use doorward::{Admin, Database, Doorward};
//! use doorward_axum::edge::Edge;
//! use doorward_axum::{CurrentUser, RequireRole, api_router};
//!
//! #[derive(Clone)]
//! struct AppState {
//!     auth: Doorward,
//!     greeting: &'static str,
//! }
//!
//! impl FromRef<AppState> for Doorward {
//!     fn from_ref(state: &AppState) -> Self {
//!         state.auth.clone()
//!     }
//! }
//!
//! /// For whoever is logged in; 401 for others.
//! async fn hello(State(state): State<AppState>, user: CurrentUser) -> String {
//!     let name = user.full_name.as_ref().map_or("you", |name| name.as_str());
//!     format!("{}, {name}", state.greeting)
//! }
//!
//! /// For admins; 403 for other accounts.
//! async fn reports(RequireRole(_admin, Admin): RequireRole<Admin>) -> &'static str {
//!     "All is well"
//! }
//!
//! # use tower_layer::Layer as _;
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
//!     .secret_key("0123456789abcdef0123456789abcdef")
//!     .build()
//!     .await?;
//! let router = Router::new()
//!     .route("/hello", get(hello))
//!     .route("/reports", get(reports))
//!     .merge(api_router()) // /api/v1/auth/login, /api/v1/users/me, /health and the rest
//!     .with_state(AppState { auth, greeting: "Good morning" });
//! # walk(Edge::default().layer(router.clone())).await?;
//! # if true { return Ok(()); }
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! axum::serve(listener, Edge::default().around(router)).await?;
//! # Ok(())
//! # }
//! #
//! # async fn walk(
//! #     app: doorward_axum::edge::EdgeService<Router>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! #     use axum::body::Body;
//! #     use http_body_util::BodyExt as _;
//! #     use axum::extract::Request;
//! #     use tower::ServiceExt as _;
//! #
//! #     let anna = r#"{"email": "anna@example.com", "full_name": "Anna",
//! #         "password": "correct horse battery staple"}"#;
//! #     let json = |path: &str| Request::post(path).header("content-type", "application/json");
//! #     let register = json("/api/v1/auth/register").body(Body::from(anna))?;
//! #     assert_eq!(app.clone().oneshot(register).await?.status(), 201);
//! #     let login = json("/api/v1/auth/login").body(Body::from(anna))?;
//! #     let answer = app.clone().oneshot(login).await?;
//! #     assert_eq!(answer.status(), 200);
//! #     let tokens = answer.into_body().collect().await?.to_bytes();
//! #     let tokens: serde_json::Value = serde_json::from_slice(&tokens)?;
//! #     let token = tokens["access_token"].as_str().ok_or("no token")?;
//! #     let as_anna = |path: &str| {
//! #         let request = Request::get(path).header("authorization", format!("Bearer {token}"));
//! #         request.body(Body::empty())
//! #     };
//! #     let answer = app.clone().oneshot(as_anna("/hello")?).await?;
//! #     assert_eq!(answer.status(), 200);
//! #     assert!(answer.headers().contains_key("x-request-id"));
//! #     let said = answer.into_body().collect().await?.to_bytes();
//! #     assert_eq!(said, "Good morning, Anna");
//! #     assert_eq!(app.clone().oneshot(as_anna("/reports")?).await?.status(), 403);
//! #     let nobody = Request::get("/hello").body(Body::empty())?;
//! #     assert_eq!(app.oneshot(nobody).await?.status(), 401);
//! #     Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
//! ```
//!
//! The engine's decisions, such as which names accounts have and how long tokens live, are
//! made on its [builder](doorward::Builder). An app without [`Edge`](edge::Edge) works too; its
//! answers then have neither request ids nor security headers, and panics and CORS are its own
//! affair.
//!
//! # Features
//!
//! - `docs-ui` (on by default): Swagger UI and ReDoc, in the module `docs_ui`.
//!
#![doc = include_str!("../docs/testing.md")]

pub mod account_pages;
mod allowed_origins;
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
pub mod guard;
pub mod openapi;
mod part;
pub mod problem;
mod request_id;
mod router;
mod static_page;
mod wire;

pub use cookie_sessions::{CookieSessions, SameSite};
pub use extract::{
    ClientAddress, CurrentUser, MaybeUser, RequestOrigin, RequireAnyRole, RequirePermission,
    RequireRecentLogin, RequireRole, RequireVerified,
};
pub use part::Part;
pub use router::{Api, api_router};
pub use wire::{
    AccessTokenBody, LoginBody, LoginFormBody, NewUserBody, RegistrationBody, RegistrationWith,
    TokenBody, UserBody, rfc3339,
};

/// The examples of the readme compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
