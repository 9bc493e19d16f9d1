//! Reading a body whole, within bounds.

use std::{error::Error, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::{codes::Code, problem::Problem};

/// The largest body that is read, in bytes: 64 KiB.
const MAX_BODY: usize = 64 * 1024;

/// How long a body may take to arrive; a sender this slow holds a place that
/// others wait for.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the body.
///
/// What is left of a body that is refused is not read here: the edge discards
/// it, for every reason to refuse alike.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if declared_length(headers).is_some_and(|length| length > MAX_BODY as u64) {
        return Err(Problem::payload_too_large());
    }
    let collected = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIMEOUT, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if is_too_large(error.as_ref()) => Err(Problem::payload_too_large()),
        Ok(Err(_)) => Err(broken_off()),
        Err(_elapsed) => Err(too_slow()),
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>()
}

/// Nobody may be left to read this; it keeps a vanished client from counting
/// as a failure of the server.
fn broken_off() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::MalformedBody,
        "Request body could not be read",
    )
}

/// 408 says that the connection is of no more use (RFC 9110 section 15.5.9).
fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        Code::BodyTimeout,
        "Request body did not arrive in time",
    )
    .with_header(header::CONNECTION, HeaderValue::from_static("close"))
}
