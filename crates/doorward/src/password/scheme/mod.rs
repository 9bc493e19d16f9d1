//! The schemes of stored hashes, one file each: parse the text, then verify.

mod argon2;
mod bcrypt;
mod bcrypt_sha256;
mod encoding;
mod pbkdf2_sha256;
mod scrypt;
#[cfg(test)]
mod tests;

use super::blocks::Blocks;
use super::{Argon2Params, UnusableHash};
use crate::domain::password::PasswordHash;

pub(super) use argon2::{Argon2Error, SALT_LEN, hash_new, spend};

/// More than any scheme writes; what is longer is not looked at.
const MAX_STORED_LEN: usize = 2048;

/// A stored hash whose text was understood and whose cost is within limits.
pub(super) enum StoredHash {
    Argon2(argon2::Argon2Hash),
    Bcrypt(bcrypt::BcryptHash),
    BcryptSha256(bcrypt_sha256::BcryptSha256Hash),
    Pbkdf2Sha256(pbkdf2_sha256::Pbkdf2Sha256Hash),
    Scrypt(scrypt::ScryptHash),
}

/// What comparing a password with a readable hash can end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The digests are equal.
    Match,
    /// They are not.
    Mismatch,
    /// The scheme cannot tell this password from others, so it was refused
    /// before anything was computed.
    Refused,
}

impl Comparison {
    fn of(digests_are_equal: bool) -> Self {
        if digests_are_equal {
            Self::Match
        } else {
            Self::Mismatch
        }
    }
}

impl StoredHash {
    /// Reads any supported form by its prefix.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableHash> {
        if text.len() > MAX_STORED_LEN {
            return Err(UnusableHash::Malformed);
        }
        let (name, rest) = text
            .strip_prefix('$')
            .unwrap_or(text)
            .split_once('$')
            .ok_or(UnusableHash::UnknownScheme)?;
        match (text.starts_with('$'), name) {
            (true, "argon2id" | "argon2i" | "argon2d") => {
                argon2::parse(name, rest).map(Self::Argon2)
            }
            (false, "argon2") => argon2::parse_django(rest).map(Self::Argon2),
            (true, "2a" | "2b" | "2y") => bcrypt::parse(rest).map(Self::Bcrypt),
            (false, "bcrypt") => bcrypt::parse_django(rest).map(Self::Bcrypt),
            (true, "bcrypt-sha256") => bcrypt_sha256::parse_passlib(rest).map(Self::BcryptSha256),
            (false, "bcrypt_sha256") => bcrypt_sha256::parse_django(rest).map(Self::BcryptSha256),
            (true, "pbkdf2-sha256") => pbkdf2_sha256::parse_passlib(rest).map(Self::Pbkdf2Sha256),
            (false, "pbkdf2_sha256") => pbkdf2_sha256::parse_django(rest).map(Self::Pbkdf2Sha256),
            (true, "scrypt") => scrypt::parse_passlib(rest).map(Self::Scrypt),
            (false, "scrypt") => scrypt::parse_django(rest).map(Self::Scrypt),
            _ => Err(UnusableHash::UnknownScheme),
        }
    }

    /// Computes the digest of `password` as this hash asks for and compares in
    /// constant time.
    pub(super) fn compare(
        &self,
        password: &[u8],
        blocks: &mut Blocks,
    ) -> Result<Comparison, Argon2Error> {
        match self {
            Self::Argon2(hash) => hash.compare(password, blocks),
            Self::Bcrypt(hash) => Ok(hash.compare(password)),
            Self::BcryptSha256(hash) => Ok(hash.compare(password)),
            Self::Pbkdf2Sha256(hash) => Ok(hash.compare(password)),
            Self::Scrypt(hash) => Ok(hash.compare(password)),
        }
    }

    /// Whether a new hash would be of the same kind and cost.
    pub(super) fn is_current(&self, current: &Argon2Params) -> bool {
        match self {
            Self::Argon2(hash) => hash.is_current(current),
            _ => false,
        }
    }
}

impl PasswordHash {
    /// Checks that a password can be verified against it.
    ///
    /// ```
    /// use doorward::{PasswordHash, UnusableHash};
    ///
    /// let hash = "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2";
    /// assert_eq!(PasswordHash::new(hash.to_owned()).check_usable(), Ok(()));
    /// let md5 = PasswordHash::new("5f4dcc3b5aa765d61d8327deb882cf99".to_owned());
    /// assert_eq!(md5.check_usable(), Err(UnusableHash::UnknownScheme));
    /// ```
    ///
    /// # Errors
    /// [`UnusableHash`] where its text can't be read, or asks for too much or promises too
    /// little.
    pub fn check_usable(&self) -> Result<(), UnusableHash> {
        StoredHash::parse(self.as_str()).map(drop)
    }

    /// Whether a new hash at `current` parameters would be another kind of
    /// hash: another scheme, version, cost (weaker or stronger), or length of
    /// salt or digest. So it is for a text that cannot be read.
    pub fn needs_upgrade(&self, current: &Argon2Params) -> bool {
        match StoredHash::parse(self.as_str()) {
            Ok(hash) => !hash.is_current(current),
            Err(_) => true,
        }
    }
}
