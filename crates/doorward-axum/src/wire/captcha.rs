//! Captchas on the wire.

use doorward::{CaptchaChallenge, CaptchaOffer};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rfc3339;

/// What a client has to show or to solve, and whether it has to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Captcha)]
pub(crate) struct CaptchaBody {
    /// Whose captcha it is: `proof_of_work`, `hcaptcha`, `turnstile`, `recaptcha`, what the
    /// embedding application calls its own, or `none`.
    #[schema(example = "proof_of_work")]
    provider: String,
    /// Whether this network is asked for one now. An account that was failed often may be
    /// asked for one all the same.
    required: bool,
    /// The public key of the site, for the provider's script.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    site_key: Option<String>,
    /// Of a proof of work: the text that the hashed one begins with. A dot follows, and then a
    /// whole number of at most 16 digits; the whole is the token.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// Of a proof of work: with how many zero bits the hash of the token has to begin.
    #[schema(nullable = false, minimum = 1, maximum = 28, example = 17)]
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<u8>,
    /// Of a proof of work: the hash, `sha-256`.
    #[schema(nullable = false, example = "sha-256")]
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<&'static str>,
    /// Of a proof of work: until when it is taken.
    #[schema(nullable = false, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl CaptchaBody {
    /// That there are no captchas.
    pub(crate) fn none() -> Self {
        Self {
            provider: "none".to_owned(),
            required: false,
            site_key: None,
            challenge: None,
            difficulty: None,
            algorithm: None,
            expires_at: None,
        }
    }

    /// What has to be solved before the same request is answered.
    pub(crate) fn required(challenge: CaptchaChallenge) -> Self {
        Self::new(challenge, true)
    }

    fn new(challenge: CaptchaChallenge, required: bool) -> Self {
        let body = Self {
            provider: challenge.provider.into_owned(),
            required,
            site_key: challenge.site_key,
            ..Self::none()
        };
        let Some(proof) = challenge.proof else {
            return body;
        };
        Self {
            challenge: Some(proof.challenge),
            difficulty: Some(proof.difficulty),
            algorithm: Some(proof.algorithm),
            expires_at: Some(rfc3339(proof.expires_at)),
            ..body
        }
    }

    /// The same as a member of something else.
    pub(crate) fn into_value(self) -> Value {
        // Strings, numbers and booleans: there is nothing that could fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl From<CaptchaOffer> for CaptchaBody {
    fn from(offer: CaptchaOffer) -> Self {
        Self::new(offer.challenge, offer.is_required)
    }
}
