//! PBKDF2 with HMAC-SHA256 (RFC 8018), as passlib and Django write it.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

use super::Comparison;
use super::encoding::{ab64_to_base64, decode_base64, decode_digest, parse_number, split_exactly};
use crate::password::UnusableHash;

/// Ten times what Django 5 asks for; one or two seconds of one core.
const MAX_ITERATIONS: u32 = 10_000_000;

/// A stored PBKDF2 hash.
pub(in super::super) struct Pbkdf2Sha256Hash {
    pub(super) iterations: NonZeroU32,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// Reads what follows `$pbkdf2-sha256$`: `29000$salt$digest`, both in `ab64`.
pub(super) fn parse_passlib(rest: &str) -> Result<Pbkdf2Sha256Hash, UnusableHash> {
    let [iterations, salt, digest] = split_exactly(rest, '$')?;
    Ok(Pbkdf2Sha256Hash {
        iterations: parse_iterations(iterations)?,
        salt: decode_base64(&ab64_to_base64(salt))?,
        digest: decode_digest(&ab64_to_base64(digest))?,
    })
}

/// Reads what follows Django's `pbkdf2_sha256$`: `1000000$salt$digest`, the
/// salt as plain text.
pub(super) fn parse_django(rest: &str) -> Result<Pbkdf2Sha256Hash, UnusableHash> {
    let [iterations, salt, digest] = split_exactly(rest, '$')?;
    Ok(Pbkdf2Sha256Hash {
        iterations: parse_iterations(iterations)?,
        salt: salt.as_bytes().to_vec(),
        digest: decode_digest(digest)?,
    })
}

fn parse_iterations(text: &str) -> Result<NonZeroU32, UnusableHash> {
    let iterations = NonZeroU32::new(parse_number(text)?).ok_or(UnusableHash::Malformed)?;
    if iterations.get() > MAX_ITERATIONS {
        return Err(UnusableHash::TooCostly);
    }
    Ok(iterations)
}

impl Pbkdf2Sha256Hash {
    pub(super) fn compare(&self, password: &[u8]) -> Comparison {
        // Its comparison takes constant time.
        let verified = pbkdf2::verify(
            pbkdf2::PBKDF2_HMAC_SHA256,
            self.iterations,
            &self.salt,
            password,
            &self.digest,
        );
        Comparison::of(verified.is_ok())
    }
}
