//! scrypt (RFC 7914), as passlib and Django write it.

use scrypt::Params;
use zeroize::Zeroizing;

use super::Comparison;
use super::encoding::{
    decode_base64, decode_digest, digests_equal, parse_number, parse_param, split_exactly,
};
use crate::password::UnusableHash;

/// The most memory of one hash: 128 · N · r bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// The most memory times lanes: two or three seconds of one core.
const MAX_WORK: u64 = 1024 * 1024 * 1024;

/// A stored scrypt hash.
pub(in super::super) struct ScryptHash {
    pub(super) params: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// Reads what follows `$scrypt$`: `ln=16,r=8,p=1$salt$digest`.
pub(super) fn parse_passlib(rest: &str) -> Result<ScryptHash, UnusableHash> {
    let [params, salt, digest] = split_exactly(rest, '$')?;
    let [log_n, r, p] = split_exactly(params, ',')?;
    Ok(ScryptHash {
        params: checked_params(
            parse_param("ln", log_n)?,
            parse_param("r", r)?,
            parse_param("p", p)?,
        )?,
        salt: decode_base64(salt)?,
        digest: decode_digest(digest)?,
    })
}

/// Reads what follows Django's `scrypt$`: `16384$salt$8$5$digest`, the salt as
/// plain text.
pub(super) fn parse_django(rest: &str) -> Result<ScryptHash, UnusableHash> {
    let [n, salt, r, p, digest] = split_exactly(rest, '$')?;
    let n = parse_number(n)?;
    if !n.is_power_of_two() {
        return Err(UnusableHash::Malformed);
    }
    Ok(ScryptHash {
        params: checked_params(n.ilog2(), parse_number(r)?, parse_number(p)?)?,
        salt: salt.as_bytes().to_vec(),
        digest: decode_digest(digest)?,
    })
}

/// Checks the limits before the crate does: its own arithmetic may not see
/// what does not fit.
fn checked_params(log_n: u32, r: u32, p: u32) -> Result<Params, UnusableHash> {
    if log_n == 0 || r == 0 || p == 0 {
        return Err(UnusableHash::Malformed);
    }
    let lane = 1_u64
        .checked_shl(log_n)
        .and_then(|n| n.checked_mul(128))
        .and_then(|bytes| bytes.checked_mul(u64::from(r)))
        .filter(|bytes| *bytes <= MAX_MEMORY)
        .ok_or(UnusableHash::TooCostly)?;
    lane.checked_mul(u64::from(p))
        .filter(|bytes| *bytes <= MAX_WORK)
        .ok_or(UnusableHash::TooCostly)?;
    let log_n = u8::try_from(log_n).map_err(|_| UnusableHash::TooCostly)?;
    Params::new(log_n, r, p).map_err(|_| UnusableHash::Malformed)
}

impl ScryptHash {
    pub(super) fn compare(&self, password: &[u8]) -> Comparison {
        let mut digest = Zeroizing::new(vec![0; self.digest.len()]);
        let derived = scrypt::scrypt(password, &self.salt, &self.params, &mut digest);
        Comparison::of(derived.is_ok() && digests_equal(&digest, &self.digest))
    }
}
