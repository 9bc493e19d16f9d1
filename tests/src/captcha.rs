//! Captchas: who solves a proof of work, and a service that verifies tokens as it is told.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use aws_lc_rs::digest;

pub use crate::stand_in::Behaviour;
use crate::stand_in::StandIn;

/// The token of a proof of work.
#[must_use]
pub fn solve(challenge: &str, difficulty: u8) -> String {
    (0_u64..)
        .map(|counter| format!("{challenge}.{counter}"))
        .find(|token| {
            let hash = digest::digest(&digest::SHA256, token.as_bytes());
            let first = u32::from_be_bytes(hash.as_ref()[..4].try_into().unwrap());
            first.leading_zeros() >= u32::from(difficulty)
        })
        .unwrap()
}

/// A service on loopback that verifies tokens as it is told; it goes with the value.
#[derive(Debug)]
pub struct SiteVerifyService(StandIn);

impl SiteVerifyService {
    /// Starts one.
    pub async fn start(behaviour: Behaviour) -> Self {
        Self(StandIn::start(behaviour).await)
    }

    /// Where it verifies.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url("/siteverify")
    }

    /// From now on it does this.
    pub fn behave(&self, behaviour: Behaviour) {
        self.0.behave(behaviour);
    }

    /// The forms that were sent so far, as they came.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        let received = self.0.received().into_iter();
        received.map(|form| form.body).collect()
    }
}
