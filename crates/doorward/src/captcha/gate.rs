//! When a captcha is asked for.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;

use super::{
    Captcha, CaptchaChallenge, CaptchaConfig, CaptchaProvider, CaptchaUnavailable,
    InvalidDifficulty, LONGEST_TOKEN, ProofOfWork,
};
use crate::authz::{Actor, Caller};
use crate::doorward::Doorward;
use crate::entropy::Entropy;
use crate::limits::{ClientNetwork, Rate};

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
    captcha: Arc<dyn Captcha>,
    after_failures: u32,
    /// How often a network may fail before it is asked; `None` where everybody is asked.
    free_failures: Option<Rate>,
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

impl Doorward {
    /// What a client has to show or to solve for a captcha, and whether it is asked for one
    /// as things stand; `None` where there are no captchas.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let caller = doorward::testing::anonymous();
    /// use doorward::CaptchaConfig;
    /// use doorward::testing::TestDoorward;
    ///
    /// let auth = TestDoorward::start_with(|builder| builder.captcha(CaptchaConfig::default())).await;
    /// let offer = auth.find_captcha(&caller).await;
    /// assert!(offer.is_some_and(|offer| offer.challenge.proof.is_some() && !offer.is_required));
    ///
    /// let without = TestDoorward::start().await;
    /// assert_eq!(without.find_captcha(&caller).await, None);
    /// # }
    /// ```
    pub async fn find_captcha(&self, caller: &Caller) -> Option<CaptchaOffer> {
        let gate = self.captcha()?;
        Some(CaptchaOffer {
            challenge: gate.captcha.challenge(self.now()),
            is_required: self.needs_captcha(gate, 0, caller).await,
        })
    }

    /// Refuses who has failed too often, or whose network has, and shows no solved captcha.
    ///
    /// `failures_of_subject` are those of the account that it is about, whether there is such
    /// an account or not. The token is used up.
    pub(crate) async fn check_captcha(
        &self,
        failures_of_subject: u32,
        caller: &Caller,
        token: Option<&str>,
    ) -> Result<(), CaptchaRefused> {
        let Some(gate) = self.captcha() else {
            return Ok(());
        };
        if !self.needs_captcha(gate, failures_of_subject, caller).await {
            return Ok(());
        }
        let now = self.now();
        let challenge = || Box::new(gate.captcha.challenge(now));
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(CaptchaRefused::Required(challenge()));
        };
        if token.len() > LONGEST_TOKEN {
            return Err(CaptchaRefused::Wrong(challenge()));
        }
        match gate.captcha.verify(token, caller.origin.ip(), now).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CaptchaRefused::Wrong(challenge())),
            Err(unavailable) => Err(unavailable.into()),
        }
    }

    /// Counts a failure, or what is to be as rare as one, against the caller's network.
    pub(crate) async fn note_failure(&self, caller: &Caller) {
        if let Some(gate) = self.captcha() {
            self.count_failures(gate, caller, 1).await;
        }
    }

    async fn needs_captcha(&self, gate: &CaptchaGate, failures: u32, caller: &Caller) -> bool {
        match caller.actor {
            Actor::Operator => false,
            Actor::Anonymous | Actor::User(_) => {
                failures >= gate.after_failures || !self.count_failures(gate, caller, 0).await
            }
        }
    }

    /// Whether the caller's network may fail so many times more. Who comes from nowhere is
    /// not counted.
    async fn count_failures(&self, gate: &CaptchaGate, caller: &Caller, failures: u32) -> bool {
        let (Some(rate), Some(ip)) = (gate.free_failures, caller.origin.ip()) else {
            return true;
        };
        let key = format!("captcha:network:{}", ClientNetwork::of(ip));
        let decision = self.limiter().take(&key, rate, failures, self.now()).await;
        decision.is_allowed
    }
}
