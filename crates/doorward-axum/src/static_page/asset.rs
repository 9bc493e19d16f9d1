//! One static file, and the answers to a request for it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// A page changes its assets' addresses (`?v=`) with their content, so that
/// browsers may keep what they have for a year.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// To be kept, but asked for again each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

#[derive(Debug, Clone)]
pub(crate) struct Asset {
    bytes: Bytes,
    content_type: &'static str,
    version: String,
}

impl Asset {
    pub(crate) fn new(content_type: &'static str, bytes: Bytes) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self {
            version: format!("{:016x}", hasher.finish()),
            bytes,
            content_type,
        }
    }

    /// Tells one content from another.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The file, or 304 if the client has it (RFC 9110 section 13.1.2).
    pub(crate) fn answer(&self, query: Option<&str>, headers: &HeaderMap) -> Response {
        let mut response = if self.is_held(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::from(self.bytes.clone()));
            let content_type = HeaderValue::from_static(self.content_type);
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, content_type);
            response
        };
        let is_pinned = query.and_then(|query| query.strip_prefix("v=")) == Some(&self.version);
        let caching = if is_pinned { FOREVER } else { REVALIDATE };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, caching);
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    fn is_held(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|tags| tags.to_str().ok())
            .flat_map(|tags| tags.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
            .any(|tag| tag == self.version || tag == "*")
    }
}
