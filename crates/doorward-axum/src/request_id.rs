//! The id that finds a request in the log.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use doorward::{Entropy as _, SystemEntropy};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The header of the id, in requests and answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of others are replaced: each is repeated in every log line.
const MAX_LENGTH: usize = 128;

/// The id of the current request: a request extension that [`Edge`](crate::edge::Edge) sets.
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use doorward_axum::edge::{Edge, RequestId};
///
/// async fn sorry(Extension(id): Extension<RequestId>) -> String {
///     format!("Tell us this number: {}", id.as_str())
/// }
///
/// let app = Router::new().route("/sorry", get(sorry));
/// # async fn serve(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
/// axum::serve(listener, Edge::default().around(app)).await
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn walk(app: Router) -> Result<(), Box<dyn std::error::Error>> {
/// #     use http_body_util::BodyExt as _;
/// #     use tower::ServiceExt as _;
/// #     use tower_layer::Layer as _;
/// #     let request = http::Request::get("/sorry").header("x-request-id", "42");
/// #     let request = request.body(axum::body::Body::empty())?;
/// #     let answer = Edge::default().layer(app).oneshot(request).await?;
/// #     assert_eq!(answer.into_body().collect().await?.to_bytes(), "Tell us this number: 42");
/// #     Ok(())
/// # }
/// # walk(app).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text: 1 to 128 characters of `A-Z a-z 0-9 . _ ~ + / = -`.
    ///
    /// ```
    /// use axum::Extension;
    /// use doorward_axum::edge::RequestId;
    ///
    /// async fn work(Extension(id): Extension<RequestId>) {
    ///     tracing::info!(request_id = id.as_str(), "a job was put into the queue");
    /// }
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only visible ASCII gets in, so this is never the empty default.
        self.0.to_str().unwrap_or_default()
    }

    /// Returns the id that the client sent if it is valid, otherwise a fresh one.
    pub(crate) fn of(headers: &HeaderMap, source: &RequestIds) -> Self {
        headers
            .get(X_REQUEST_ID)
            .filter(|value| is_valid(value.as_bytes()))
            .cloned()
            .map_or_else(|| source.next(), Self)
    }

    pub(crate) fn header_value(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// A source of fresh request ids.
///
/// ```
/// use doorward_axum::edge::{EdgeConfig, RequestIds};
///
/// // Where log lines are compared with those of an earlier run.
/// let config = EdgeConfig::new(RequestIds::from_seed(42));
/// ```
#[derive(Clone)]
pub struct RequestIds(Arc<dyn Fn() -> RequestId + Send + Sync>);

impl RequestIds {
    /// Ids of 32 hexadecimal digits, of which no two are alike: 64 bits of
    /// `seed`, then a counter that is scrambled by the other 64 bits, so that
    /// an id does not tell how many requests there were.
    ///
    /// Two processes with one seed make the same ids: where that is not meant, take
    /// [`RequestIds::random`].
    #[must_use]
    pub fn from_seed(seed: u128) -> Self {
        let [prefix, key] = [(seed >> 64) as u64, seed as u64];
        let counter = AtomicU64::new(0);
        Self(Arc::new(move || {
            let count = counter.fetch_add(1, Ordering::Relaxed);
            RequestId(hex_value(prefix, scramble(count ^ key)))
        }))
    }

    /// Ids that no other process makes: those of a seed from the operating system's random
    /// source.
    #[must_use]
    pub fn random() -> Self {
        let mut seed = [0; 16];
        SystemEntropy.fill(&mut seed);
        Self::from_seed(u128::from_le_bytes(seed))
    }

    fn next(&self) -> RequestId {
        (self.0)()
    }
}

impl Default for RequestIds {
    /// [`RequestIds::random`].
    fn default() -> Self {
        Self::random()
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestIds")
    }
}

/// The finaliser of SplitMix64: one to one, so that distinct counts stay
/// distinct.
const fn scramble(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn hex_value(high: u64, low: u64) -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 32];
    let bytes = high.to_be_bytes().into_iter().chain(low.to_be_bytes());
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    // Digits are valid in a header. `from_owner`, because its clones (the
    // extension, the answer) cost no further allocation.
    HeaderValue::from_maybe_shared(Bytes::from_owner(digits))
        .unwrap_or(HeaderValue::from_static("0"))
}

fn is_valid(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(|&byte| is_valid_byte(byte))
}

const fn is_valid_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use http::{HeaderMap, HeaderValue};

    use super::{RequestId, RequestIds, X_REQUEST_ID};

    fn id_for(sent: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(sent).unwrap());
        RequestId::of(&headers, &RequestIds::from_seed(7))
            .as_str()
            .to_owned()
    }

    #[test]
    fn a_valid_id_is_kept_and_any_other_replaced() {
        let longest = [b'a'; 128];
        for kept in [&b"a"[..], b"Az09._~+/=-", &longest] {
            assert_eq!(id_for(kept).as_bytes(), kept);
        }
        for replaced in [&b""[..], b"a b", b"a\"", b"a,b", b"\xc3\xa9", &[b'a'; 129]] {
            assert_eq!(id_for(replaced).len(), 32);
        }
    }

    #[test]
    fn two_processes_draw_different_ids() {
        let drawn: HashSet<_> = (0..100)
            .map(|_| RequestIds::random().next().as_str().to_owned())
            .collect();
        assert_eq!(drawn.len(), 100);
    }

    #[test]
    fn fresh_ids_are_distinct_and_of_hexadecimal_digits() {
        let ids = RequestIds::from_seed(1 << 100);
        let drawn: HashSet<_> = (0..1000).map(|_| ids.next().as_str().to_owned()).collect();
        assert_eq!(drawn.len(), 1000);
        assert!(drawn.iter().all(|id| {
            id.starts_with("0000001000000000")
                && id.len() == 32
                && id.bytes().all(|b| b.is_ascii_hexdigit())
        }));
    }
}
