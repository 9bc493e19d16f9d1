//! The work of estimating how hard passwords are to guess.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::domain::failure::Failure;
use crate::domain::password::{Password, PasswordContext, PasswordStrength, StrengthEstimate};

/// Estimates passwords, one at a time: that is enough for people who choose one, and leaves
/// the processor to others however many ask.
#[derive(Debug)]
pub(crate) struct StrengthMeter {
    turn: Arc<Semaphore>,
}

impl StrengthMeter {
    pub(crate) fn new() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Estimates the password on a thread that may block, for some milliseconds.
    pub(crate) async fn estimate(
        &self,
        password: &Password,
        context: &PasswordContext,
        service_name: &str,
    ) -> Result<PasswordStrength, Failure> {
        let turn = Arc::clone(&self.turn);
        let turn = turn.acquire_owned().await.map_err(Failure::internal)?;
        let estimate = StrengthEstimate::of(password, context, service_name);
        let work = move || {
            // Ended with the work, not with the wait for it: who hangs up gets no second turn.
            let _turn = turn;
            estimate.make()
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Failure::internal)
    }
}
