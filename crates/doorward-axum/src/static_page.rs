//! Pages of our own: HTML with the files that it loads, embedded in the program.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// The media type of scripts.
pub(crate) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// The media type of style sheets.
pub(crate) const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// A page changes its assets' URLs (`?v=`) with their content, so that browsers may cache them
/// for a year.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Browsers may cache the answer, but must revalidate it each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// A page and its assets, by name.
#[derive(Debug)]
pub(crate) struct Page {
    html: Asset,
    policy: HeaderValue,
    assets: Vec<(&'static str, Asset)>,
}

impl Page {
    /// Fills the template: `{title}` with the title, and `{name}` with the version of the asset
    /// `name`.
    pub(crate) fn new(
        template: &str,
        title: &str,
        policy: HeaderValue,
        assets: Vec<(&'static str, Asset)>,
    ) -> Self {
        let mut html = template.replace("{title}", &escape(title));
        for (name, asset) in &assets {
            html = html.replace(&format!("{{{name}}}"), &asset.version);
        }
        Self {
            html: Asset::new(HTML, Bytes::from(html)),
            policy,
            assets,
        }
    }

    /// Answers with the page, or with 304 if the client has it.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = self.html.answer(None, headers);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }

    /// Answers with the page and forbids caches to store it.
    pub(crate) fn answer_unkept(&self) -> Response {
        let mut response = self.answer(&HeaderMap::new());
        let headers = response.headers_mut();
        headers.remove(header::ETAG);
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        headers.insert(header::REFERRER_POLICY, NO_REFERRER);
        response
    }

    pub(crate) fn find_asset(&self, name: &str) -> Option<&Asset> {
        self.assets
            .iter()
            .find_map(|(other, asset)| (*other == name).then_some(asset))
    }
}

/// A static file.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    bytes: Bytes,
    content_type: &'static str,
    /// A hash of the content.
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

    /// Answers with the file, or with 304 if the client has it (RFC 9110 section 13.1.2).
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

/// Escapes text for HTML, also inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '"' | '\'' | '{' | '}' => {
                // Writing to a `String` cannot fail.
                let _ = write!(html, "&#{};", u32::from(character));
            }
            _ => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_title_is_text() {
        assert_eq!(escape("A & <b>{x}"), "A &#38; &#60;b&#62;&#123;x&#125;");
        assert_eq!(escape("Bücher 1.0"), "Bücher 1.0");
    }
}
