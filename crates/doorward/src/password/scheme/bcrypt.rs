//! bcrypt, as `$2b$…` and in Django's wrapping.

use zeroize::Zeroizing;

use super::Comparison;
use super::encoding::{decode_bcrypt, digests_equal, split_exactly};
use crate::password::UnusableHash;

/// bcrypt reads 72 bytes of its key and ignores the rest.
const MAX_PASSWORD_LEN: usize = 72;
/// The least cost that bcrypt is defined for.
const MIN_COST: u32 = 4;
/// Each step doubles the time; 16 is three seconds or so of one core.
const MAX_COST: u32 = 16;
/// The characters of salt in front of the 31 of digest.
const SALT_CHARS: usize = 22;

/// A stored bcrypt hash.
///
/// Versions 2a, 2b and 2y differ in what happens to passwords of 256 bytes and
/// more and in bugs of single implementations; for what is accepted here they
/// are one. 2x marks hashes of such a bug and is not read.
pub(in super::super) struct BcryptHash {
    pub(super) cost: u32,
    salt: [u8; 16],
    digest: [u8; 23],
}

/// Reads what follows `$2b$`: `12$` and 53 characters of salt and digest.
pub(super) fn parse(rest: &str) -> Result<BcryptHash, UnusableHash> {
    let [cost, salt_and_digest] = split_exactly(rest, '$')?;
    let cost = match cost.as_bytes() {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => {
            u32::from(tens - b'0') * 10 + u32::from(units - b'0')
        }
        _ => return Err(UnusableHash::Malformed),
    };
    let (salt, digest) = salt_and_digest
        .split_at_checked(SALT_CHARS)
        .ok_or(UnusableHash::Malformed)?;
    from_parts(cost, salt, digest)
}

/// Reads what follows Django's `bcrypt$`: the whole usual form.
pub(super) fn parse_django(rest: &str) -> Result<BcryptHash, UnusableHash> {
    let rest = ["$2a$", "$2b$", "$2y$"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))
        .ok_or(UnusableHash::Malformed)?;
    parse(rest)
}

pub(super) fn from_parts(cost: u32, salt: &str, digest: &str) -> Result<BcryptHash, UnusableHash> {
    let (salt, digest) = (decode_bcrypt(salt)?, decode_bcrypt(digest)?);
    match cost {
        MIN_COST..=MAX_COST => Ok(BcryptHash { cost, salt, digest }),
        ..MIN_COST => Err(UnusableHash::Malformed),
        _ => Err(UnusableHash::TooCostly),
    }
}

impl BcryptHash {
    /// Refuses a password that bcrypt cannot tell from another one: above 72
    /// bytes it looks at the first 72 alone; at a NUL the C implementations
    /// stop reading (and those that read on repeat the key with a NUL between,
    /// so that `a` and `a NUL a` are equal). passlib and PHP refuse a NUL as
    /// well, so no hash of theirs is lost by it.
    pub(super) fn compare(&self, password: &[u8]) -> Comparison {
        if password.len() > MAX_PASSWORD_LEN || password.contains(&0) {
            return Comparison::Refused;
        }
        let mut key = Zeroizing::new([0; MAX_PASSWORD_LEN]);
        key[..password.len()].copy_from_slice(password);
        // The terminating NUL is part of the key where there is room for it.
        let key = &key[..MAX_PASSWORD_LEN.min(password.len() + 1)];
        let digest = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, key));
        Comparison::of(digests_equal(&digest[..self.digest.len()], &self.digest))
    }
}
