//! A page and the files that it loads.

use std::fmt::Write as _;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use super::asset::Asset;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// A page and its assets, by name.
#[derive(Debug)]
pub(crate) struct Page {
    html: Asset,
    policy: HeaderValue,
    assets: Vec<(&'static str, Asset)>,
}

impl Page {
    /// Fills the template: `{title}`, and `{name}` with the version of the
    /// asset `name`.
    pub(crate) fn new(
        template: &str,
        title: &str,
        policy: HeaderValue,
        assets: Vec<(&'static str, Asset)>,
    ) -> Self {
        let mut html = template.replace("{title}", &escape(title));
        for (name, asset) in &assets {
            html = html.replace(&format!("{{{name}}}"), asset.version());
        }
        Self {
            html: Asset::new("text/html; charset=utf-8", Bytes::from(html)),
            policy,
            assets,
        }
    }

    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = self.html.answer(None, headers);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }

    /// The page for a reader who is never to see an older one, nor to keep it.
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

/// Text as HTML text, also between quotes.
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
