//! The headers that every answer has.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};

const X_PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A year, as browsers' preload lists ask at least.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// What is added to an answer within the origin: room for it is made at once.
/// More would double the map.
const ADDED: usize = 9;

/// Writes them; an answer's own caching and content policies stand.
///
/// `Cross-Origin-Resource-Policy` concerns only embedding without CORS, so
/// pages of allowed origins still read answers.
pub(super) fn write(headers: &mut HeaderMap, hsts: bool) {
    headers.reserve(ADDED);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, SAME_ORIGIN);
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(CSP);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// Writes `X-Process-Time`: seconds, with six places.
pub(super) fn write_process_time(headers: &mut HeaderMap, elapsed: Duration) {
    headers.insert(X_PROCESS_TIME, seconds(elapsed));
}

fn seconds(elapsed: Duration) -> HeaderValue {
    let zero = HeaderValue::from_static("0.000000");
    if elapsed.as_secs() > 0 {
        let text = format!("{}.{:06}", elapsed.as_secs(), elapsed.subsec_micros());
        return HeaderValue::try_from(text).unwrap_or(zero);
    }
    // Nearly every request comes here, and `format!` is felt.
    let mut text = *b"0.000000";
    let mut micros = elapsed.subsec_micros();
    for digit in text[2..].iter_mut().rev() {
        *digit = b'0' + (micros % 10) as u8;
        micros /= 10;
    }
    HeaderValue::from_bytes(&text).unwrap_or(zero)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds;

    #[test]
    fn the_time_is_in_decimal_seconds() {
        let table = [
            (0, "0.000000"),
            (123, "0.000123"),
            (999_999, "0.999999"),
            (1_000_000, "1.000000"),
            (61_000_042, "61.000042"),
        ];
        for (micros, expected) in table {
            assert_eq!(seconds(Duration::from_micros(micros)), expected);
        }
    }
}
