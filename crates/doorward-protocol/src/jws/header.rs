//! What a header may say (RFC 7515 §4, RFC 8725 §3).

use serde_json::{Map, Value};

use super::{JwsError, compact};
use crate::json;

/// Members that refuse the token whatever they hold: `crit` because no
/// extension is understood here (RFC 7515 §4.1.11), `b64` because it changes
/// what was signed (RFC 7797), the others because a token never brings the key
/// that it is verified with (RFC 8725 §3.10).
const REFUSED_MEMBERS: [&str; 6] = ["crit", "b64", "jku", "jwk", "x5u", "x5c"];

/// The types of token that are JWTs: RFC 7519 §5.1 and RFC 9068 §2.1.
const ACCEPTED_TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// Checks an encoded header against the algorithm of the key that has already
/// verified it.
pub(super) fn check(encoded: &str, algorithm: &str) -> Result<(), JwsError> {
    let header = parse(&compact::decode(encoded)?)?;
    if header.get("alg").and_then(Value::as_str) != Some(algorithm) {
        return Err(JwsError::WrongAlgorithm);
    }
    if REFUSED_MEMBERS
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(JwsError::BadHeader);
    }
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if is_accepted_type(typ) => Ok(()),
        Some(_) => Err(JwsError::BadHeader),
    }
}

fn parse(header: &[u8]) -> Result<Map<String, Value>, JwsError> {
    json::check_object(header).map_err(|_| JwsError::BadHeader)?;
    serde_json::from_slice(header).map_err(|_| JwsError::BadHeader)
}

fn is_accepted_type(typ: &str) -> bool {
    ACCEPTED_TYPES
        .iter()
        .any(|accepted| accepted.eq_ignore_ascii_case(typ))
}
