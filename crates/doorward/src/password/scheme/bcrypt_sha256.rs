//! bcrypt of a SHA-256 digest, as passlib and Django write it: there the
//! password may be longer than 72 bytes.

use aws_lc_rs::{digest, hmac};
use zeroize::Zeroizing;

use super::Comparison;
use super::bcrypt::{self, BcryptHash};
use super::encoding::{encode_base64, encode_hex, parse_number, parse_param, split_exactly};
use crate::password::UnusableHash;

/// A stored hash of this family.
pub(in super::super) struct BcryptSha256Hash {
    pub(super) outer: BcryptHash,
    inner: Inner,
}

/// How the password becomes the key of bcrypt.
enum Inner {
    /// passlib since 1.7.3: HMAC-SHA256 keyed by the salt as it is written, in
    /// base64.
    KeyedBase64(String),
    /// passlib before that: SHA-256 in base64.
    Base64,
    /// Django: SHA-256 in hexadecimal.
    Hexadecimal,
}

/// Reads what follows `$bcrypt-sha256$`: `v=2,t=2b,r=12$salt$digest`, or
/// `2a,12$salt$digest` of the first version.
pub(super) fn parse_passlib(rest: &str) -> Result<BcryptSha256Hash, UnusableHash> {
    let [params, salt, digest] = split_exactly(rest, '$')?;
    let (cost, inner) = if params.starts_with("v=") {
        let rounds = params
            .strip_prefix("v=2,t=2b,")
            .ok_or(UnusableHash::Malformed)?;
        (
            parse_param("r", rounds)?,
            Inner::KeyedBase64(salt.to_owned()),
        )
    } else {
        let rounds = params
            .strip_prefix("2a,")
            .or_else(|| params.strip_prefix("2b,"))
            .ok_or(UnusableHash::Malformed)?;
        (parse_number(rounds)?, Inner::Base64)
    };
    let outer = bcrypt::from_parts(cost, salt, digest)?;
    Ok(BcryptSha256Hash { outer, inner })
}

/// Reads what follows Django's `bcrypt_sha256$`: a whole bcrypt hash.
pub(super) fn parse_django(rest: &str) -> Result<BcryptSha256Hash, UnusableHash> {
    Ok(BcryptSha256Hash {
        outer: bcrypt::parse_django(rest)?,
        inner: Inner::Hexadecimal,
    })
}

impl BcryptSha256Hash {
    pub(super) fn compare(&self, password: &[u8]) -> Comparison {
        self.outer.compare(self.inner.key(password).as_bytes())
    }
}

impl Inner {
    fn key(&self, password: &[u8]) -> Zeroizing<String> {
        match self {
            Self::KeyedBase64(salt) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
                encode_base64(hmac::sign(&key, password).as_ref())
            }
            Self::Base64 => encode_base64(sha256(password).as_ref()),
            Self::Hexadecimal => encode_hex(sha256(password).as_ref()),
        }
    }
}

fn sha256(password: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, password)
}
