//! The captchas of an engine, and the reasons to refuse a request for the lack of one.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;

use super::{
    Captcha, CaptchaChallenge, CaptchaConfig, CaptchaProvider, CaptchaUnavailable,
    InvalidDifficulty, ProofOfWork,
};
use crate::domain::entropy::Entropy;
use crate::domain::limits::Rate;

/// For how long a failure is held against a network.
const WINDOW: Duration = Duration::from_secs(60 * 60);

/// Why something was refused for the lack of a captcha.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CaptchaRefused {
    /// There was no token, and after the failures before there has to be one.
    #[error("a captcha has to be solved")]
    Required(Box<CaptchaChallenge>),
    /// The token is not one that solving the captcha gives, has expired or was used before.
    #[error("the captcha was not solved")]
    Wrong(Box<CaptchaChallenge>),
    /// Whether the captcha was solved can't be told at the moment.
    #[error(transparent)]
    Unavailable(#[from] CaptchaUnavailable),
}

/// What a client would need, and whether it does as things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaOffer {
    /// What to show or to solve.
    pub challenge: CaptchaChallenge,
    /// Whether the client's network has failed so often that it is asked for. For an account
    /// of many failures it may be asked for all the same.
    pub is_required: bool,
}

/// The captchas of one engine.
#[derive(Debug)]
pub(crate) struct CaptchaGate {
    pub(crate) captcha: Arc<dyn Captcha>,
    pub(crate) after_failures: u32,
    /// How often a network may fail before it is asked; `None` where everybody is asked.
    pub(crate) free_failures: Option<Rate>,
}

impl CaptchaGate {
    pub(crate) fn new(
        config: CaptchaConfig,
        key: &hmac::Key,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, InvalidDifficulty> {
        let captcha: Arc<dyn Captcha> = match config.provider {
            CaptchaProvider::ProofOfWork { difficulty } => Arc::new(ProofOfWork::new(
                key.clone(),
                difficulty,
                Arc::clone(entropy),
            )?),
            CaptchaProvider::Custom(captcha) => captcha,
        };
        Ok(Self {
            captcha,
            after_failures: config.after_failures,
            free_failures: Rate::new(config.after_failures.min(Rate::LARGEST_LIMIT), WINDOW).ok(),
        })
    }
}
