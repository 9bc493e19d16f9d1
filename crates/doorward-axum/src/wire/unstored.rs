//! Answers that nothing on the way shall keep.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;

/// What [`Unstored`] says (RFC 9111 §5.2.2.5).
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// JSON with personal data or tokens, and `Cache-Control: no-store`: also where the application
/// has no [`Edge`](crate::edge::Edge) around it, which says so of everything.
#[derive(Debug)]
pub(crate) struct Unstored<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Unstored<T> {
    fn into_response(self) -> Response {
        ([(CACHE_CONTROL, NO_STORE)], Json(self.0)).into_response()
    }
}
