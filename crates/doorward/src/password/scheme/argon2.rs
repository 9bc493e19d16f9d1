//! Argon2 (RFC 9106) as a PHC string: what we write, and what others wrote.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use thiserror::Error;
use zeroize::Zeroizing;

use super::Comparison;
use super::encoding::{
    decode_base64, decode_digest, digests_equal, parse_number, parse_param, split_exactly,
};
use crate::domain::password::PasswordHash;
use crate::password::blocks::{Blocks, OutOfMemory};
use crate::password::{Argon2Params, InvalidArgon2Params, UnusableHash};

/// The bytes of salt in a new hash (RFC 9106, section 3.1 recommends 16).
pub(in super::super) const SALT_LEN: usize = 16;
/// The bytes of digest in a new hash.
const DIGEST_LEN: usize = 32;

/// A hash that could not be computed for lack of memory or by a limit of the
/// implementation, which our own limits should have caught.
#[derive(Debug, Error)]
pub(in super::super) enum Argon2Error {
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
    #[error("Argon2 refused its input: {0}")]
    Refused(argon2::Error),
}

/// A stored Argon2 hash.
pub(in super::super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    pub(super) params: Argon2Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// Reads what follows `$argon2id$` and its siblings:
/// `[v=19$]m=19456,t=2,p=1$salt$digest`.
pub(super) fn parse(name: &str, rest: &str) -> Result<Argon2Hash, UnusableHash> {
    let algorithm = Algorithm::new(name).map_err(|_| UnusableHash::Malformed)?;
    let (version, rest) = parse_version(rest)?;
    let [params, salt, digest] = split_exactly(rest, '$')?;
    let params = parse_params(params)?;
    let salt = decode_base64(salt)?;
    if salt.len() < argon2::MIN_SALT_LEN {
        return Err(UnusableHash::Malformed);
    }
    Ok(Argon2Hash {
        algorithm,
        version,
        params,
        salt,
        digest: decode_digest(digest)?,
    })
}

/// Reads what follows Django's `argon2$`: the PHC string without its first `$`.
pub(super) fn parse_django(rest: &str) -> Result<Argon2Hash, UnusableHash> {
    let (name, rest) = rest.split_once('$').ok_or(UnusableHash::Malformed)?;
    parse(name, rest)
}

/// Without a version it is 16: the field came with version 19.
fn parse_version(rest: &str) -> Result<(Version, &str), UnusableHash> {
    let Some(rest) = rest.strip_prefix("v=") else {
        return Ok((Version::V0x10, rest));
    };
    let (version, rest) = rest.split_once('$').ok_or(UnusableHash::Malformed)?;
    let version = Version::try_from(parse_number(version)?).map_err(|_| UnusableHash::Malformed)?;
    Ok((version, rest))
}

fn parse_params(text: &str) -> Result<Argon2Params, UnusableHash> {
    let [memory, iterations, parallelism] = split_exactly(text, ',')?;
    let memory = parse_param("m", memory)?;
    let iterations = parse_param("t", iterations)?;
    let parallelism = parse_param("p", parallelism)?;
    Argon2Params::new(memory, iterations, parallelism).map_err(|error| {
        let below = iterations == 0 || parallelism == 0;
        match error {
            InvalidArgon2Params::Memory if memory <= Argon2Params::MAX_MEMORY_KIB => {
                UnusableHash::Malformed
            }
            _ if below => UnusableHash::Malformed,
            _ => UnusableHash::TooCostly,
        }
    })
}

impl Argon2Hash {
    pub(super) fn compare(
        &self,
        password: &[u8],
        blocks: &mut Blocks,
    ) -> Result<Comparison, Argon2Error> {
        let mut digest = Zeroizing::new(vec![0; self.digest.len()]);
        let kind = (self.algorithm, self.version);
        derive(
            kind,
            &self.params,
            (password, &self.salt),
            &mut digest,
            blocks,
        )?;
        Ok(Comparison::of(digests_equal(&digest, &self.digest)))
    }

    pub(super) fn is_current(&self, current: &Argon2Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params == *current
            && self.salt.len() == SALT_LEN
            && self.digest.len() == DIGEST_LEN
    }
}

/// Hashes a new password to a PHC string.
pub(in super::super) fn hash_new(
    password: &[u8],
    salt: &[u8; SALT_LEN],
    params: &Argon2Params,
    blocks: &mut Blocks,
) -> Result<PasswordHash, Argon2Error> {
    let mut digest = Zeroizing::new([0; DIGEST_LEN]);
    derive(CURRENT, params, (password, salt), &mut digest[..], blocks)?;
    Ok(PasswordHash::new(format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.memory_kib(),
        params.iterations(),
        params.parallelism(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(&digest[..]),
    )))
}

/// Takes as long as verifying `password` against a hash of ours would.
pub(in super::super) fn spend(
    password: &[u8],
    params: &Argon2Params,
    blocks: &mut Blocks,
) -> Result<(), Argon2Error> {
    let mut digest = Zeroizing::new([0; DIGEST_LEN]);
    derive(
        CURRENT,
        params,
        (password, &[0; SALT_LEN]),
        &mut digest[..],
        blocks,
    )?;
    std::hint::black_box(&digest);
    Ok(())
}

const CURRENT: (Algorithm, Version) = (Algorithm::Argon2id, Version::V0x13);

fn derive(
    (algorithm, version): (Algorithm, Version),
    params: &Argon2Params,
    (password, salt): (&[u8], &[u8]),
    digest: &mut [u8],
    blocks: &mut Blocks,
) -> Result<(), Argon2Error> {
    let params = Params::new(
        params.memory_kib(),
        params.iterations(),
        params.parallelism(),
        Some(digest.len()),
    )
    .map_err(Argon2Error::Refused)?;
    let needed = params.block_count();
    let argon2 = Argon2::new(algorithm, version, params);
    blocks
        .lend(needed, |memory: &mut [Block]| {
            argon2.hash_password_into_with_memory(password, salt, digest, memory)
        })?
        .map_err(Argon2Error::Refused)
}
