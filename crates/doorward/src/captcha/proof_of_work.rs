//! Proofs of work: captchas without anybody else, and without a memory of what was asked.

use std::borrow::Cow;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::spent::{Full, SpentProofs};
use super::{Captcha, CaptchaChallenge, CaptchaUnavailable, ProofChallenge};
use crate::domain::clock::Timestamp;
use crate::domain::entropy::Entropy;

/// How long a challenge may be worked on.
const VALIDITY: Duration = Duration::from_secs(5 * 60);
/// The easiest and the hardest challenge, in bits.
const DIFFICULTIES: std::ops::RangeInclusive<u8> = 1..=28;
/// The longest counter, in digits: what JavaScript's numbers hold exactly.
const LONGEST_COUNTER: usize = 16;

const NONCE_LENGTH: usize = 16;
const EXPIRY_LENGTH: usize = 8;
/// The nonce, the moment of expiry, and the difficulty in one byte.
const CLAIMS_LENGTH: usize = NONCE_LENGTH + EXPIRY_LENGTH + 1;

/// What tells one challenge from another.
pub(super) type Nonce = [u8; NONCE_LENGTH];

/// The difficulty is not one of 1 to 28 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the difficulty of captchas is not one of 1 to 28 bits")]
pub(crate) struct InvalidDifficulty;

/// Captchas that a processor solves, in about a second, and that cost nothing to verify.
///
/// A challenge holds all that is needed to verify it, authenticated by a key of the
/// engine's. What was solved is kept in mind by this process: several of them each take a
/// proof once.
#[derive(Debug)]
pub(crate) struct ProofOfWork {
    key: hmac::Key,
    difficulty: u8,
    entropy: Arc<dyn Entropy>,
    spent: SpentProofs,
}

impl ProofOfWork {
    pub(crate) fn new(
        key: hmac::Key,
        difficulty: u8,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidDifficulty> {
        if !DIFFICULTIES.contains(&difficulty) {
            return Err(InvalidDifficulty);
        }
        Ok(Self {
            key,
            difficulty,
            entropy,
            spent: SpentProofs::new(VALIDITY),
        })
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<bool, Full> {
        let Some(claims) = self.find_claims(token) else {
            return Ok(false);
        };
        // What is good for longer than any challenge was made under another time.
        let is_current = claims.expires_at > now && claims.expires_at <= now + VALIDITY;
        if !is_current || leading_zeros(token) < u32::from(claims.difficulty) {
            return Ok(false);
        }
        self.spent.spend(claims.expires_at, claims.nonce, now)
    }

    /// What the challenge in this token says, where it is one of ours.
    fn find_claims(&self, token: &str) -> Option<Claims> {
        let (challenge, counter) = token.split_once('.')?;
        let is_counter = (1..=LONGEST_COUNTER).contains(&counter.len())
            && counter.bytes().all(|byte| byte.is_ascii_digit());
        if !is_counter {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(challenge).ok()?;
        let (claims, tag) = bytes.split_first_chunk::<CLAIMS_LENGTH>()?;
        hmac::verify(&self.key, claims, tag).ok()?;
        Some(Claims::read(claims))
    }
}

impl Captcha for ProofOfWork {
    fn challenge(&self, now: Timestamp) -> CaptchaChallenge {
        let mut nonce = [0; NONCE_LENGTH];
        self.entropy.fill(&mut nonce);
        let claims = Claims {
            nonce,
            expires_at: now + VALIDITY,
            difficulty: self.difficulty,
        };
        let mut bytes = claims.write();
        let tag = hmac::sign(&self.key, &bytes);
        bytes.extend_from_slice(tag.as_ref());
        CaptchaChallenge {
            provider: Cow::Borrowed("proof_of_work"),
            site_key: None,
            proof: Some(ProofChallenge {
                challenge: URL_SAFE_NO_PAD.encode(bytes),
                difficulty: claims.difficulty,
                algorithm: "sha-256",
                expires_at: claims.expires_at,
            }),
        }
    }

    fn verify<'a>(
        &'a self,
        token: &'a str,
        _: Option<IpAddr>,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<bool, CaptchaUnavailable>> + Send + 'a>> {
        let checked = self
            .check(token, now)
            .map_err(|Full| CaptchaUnavailable::new("too many proofs were shown lately"));
        Box::pin(std::future::ready(checked))
    }
}

/// What a challenge says.
struct Claims {
    nonce: Nonce,
    expires_at: Timestamp,
    difficulty: u8,
}

impl Claims {
    fn write(&self) -> Vec<u8> {
        let expiry = self.expires_at.as_millis().to_be_bytes();
        [&self.nonce[..], &expiry, &[self.difficulty]].concat()
    }

    fn read(bytes: &[u8; CLAIMS_LENGTH]) -> Self {
        let mut nonce = [0; NONCE_LENGTH];
        let mut expiry = [0; EXPIRY_LENGTH];
        nonce.copy_from_slice(&bytes[..NONCE_LENGTH]);
        expiry.copy_from_slice(&bytes[NONCE_LENGTH..CLAIMS_LENGTH - 1]);
        Self {
            nonce,
            expires_at: Timestamp::from_millis(i64::from_be_bytes(expiry)),
            difficulty: bytes[CLAIMS_LENGTH - 1],
        }
    }
}

/// With how many zero bits the hash of `text` begins, of its first 32.
fn leading_zeros(text: &str) -> u32 {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&hash.as_ref()[..4]);
    u32::from_be_bytes(first).leading_zeros()
}

#[cfg(test)]
mod tests;
