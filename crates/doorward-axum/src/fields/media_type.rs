//! What a `Content-Type` header says, as far as the extractors ask.

use http::{HeaderMap, header};

/// The kinds of body that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `application/json`, or any `application/…+json` (RFC 6839 section 3.1).
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Anything else, more than one header, or a character set but UTF-8.
    Other,
    /// There is no such header.
    Absent,
}

impl MediaType {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::CONTENT_TYPE).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => value.to_str().map_or(Self::Other, Self::parse),
            (Some(_), Some(_)) => Self::Other,
        }
    }

    fn parse(value: &str) -> Self {
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        if !parts.all(is_harmless_parameter) {
            return Self::Other;
        }
        let is_suffixed = essence.starts_with("application/") && essence.ends_with("+json");
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            _ if is_suffixed => Self::Json,
            _ => Self::Other,
        }
    }
}

/// JSON between systems is UTF-8 (RFC 8259 section 8.1), and so are forms (the
/// URL standard); a sender that says otherwise would be misread.
fn is_harmless_parameter(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let value = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || value.eq_ignore_ascii_case("utf-8")
        || value.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};

    use super::MediaType;

    #[test]
    fn content_types_are_told_apart() {
        let table = [
            ("application/json", MediaType::Json),
            ("Application/JSON; charset=UTF-8", MediaType::Json),
            ("application/json;charset=\"utf-8\"", MediaType::Json),
            ("application/json;", MediaType::Json),
            ("application/json; boundary=x", MediaType::Json),
            ("application/merge-patch+json", MediaType::Json),
            ("application/json; charset=latin1", MediaType::Other),
            ("application/jsonp", MediaType::Other),
            ("text/x+json", MediaType::Other),
            ("text/plain", MediaType::Other),
            ("", MediaType::Other),
            ("application/x-www-form-urlencoded", MediaType::Form),
            (
                "application/x-www-form-urlencoded; charset=utf-8",
                MediaType::Form,
            ),
            ("multipart/form-data; boundary=x", MediaType::Other),
        ];
        for (value, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(MediaType::of(&headers), expected, "{value}");
        }
    }

    #[test]
    fn no_header_and_two_headers_are_neither() {
        let mut headers = HeaderMap::new();
        assert_eq!(MediaType::of(&headers), MediaType::Absent);
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.append(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert_eq!(MediaType::of(&headers), MediaType::Other);
    }
}
