//! What links in mails are made of.

use doorward::Links;

/// The URL of the server, without a slash at the end.
pub(in crate::settings) fn public_url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    Links::new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("expected a URL like https://auth.example.com; {error}"))
}

/// A URL with `{token}` in it.
pub(in crate::settings) fn template(text: &str) -> Result<String, String> {
    let text = text.trim();
    Links::new("http://localhost")
        .and_then(|links| links.password_reset(text))
        .map(|_| text.to_owned())
        .map_err(|error| {
            format!("expected a URL like https://example.com/#token={{token}}; {error}")
        })
}
