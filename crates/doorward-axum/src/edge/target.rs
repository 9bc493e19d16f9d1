//! The request target, before anything is routed by it.

use http::{Uri, uri::PathAndQuery};

/// Longer targets are refused with 414: nothing here needs them, and each is
/// held, matched and logged.
const MAX_LENGTH: usize = 8 * 1024;

/// Whether path and query exceed 8 KiB.
pub(super) fn is_too_long(uri: &Uri) -> bool {
    uri.path_and_query()
        .is_some_and(|target| target.as_str().len() > MAX_LENGTH)
}

/// Makes a slash at the end of the path no difference: `/users/` is `/users`.
pub(super) fn strip_trailing_slash(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    if let Some(stripped) = stripped(uri) {
        *uri = stripped;
    }
}

fn stripped(uri: &Uri) -> Option<Uri> {
    let path = match uri.path().trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::strip_trailing_slash;

    #[test]
    fn slashes_at_the_end_are_stripped() {
        let table = [
            ("/", "/"),
            ("//", "/"),
            ("/users", "/users"),
            ("/users/", "/users"),
            ("/users//", "/users"),
            ("/users/?a=b/", "/users?a=b/"),
            ("/users?a=b/", "/users?a=b/"),
            ("/users/%2F/", "/users/%2F"),
            ("http://host:80/users/?q", "http://host:80/users?q"),
            ("http://host", "http://host/"),
            ("*", "*"),
            ("host:443", "host:443"),
        ];
        for (sent, expected) in table {
            let mut uri: Uri = sent.parse().unwrap();
            strip_trailing_slash(&mut uri);
            assert_eq!(uri.to_string(), expected);
        }
    }
}
