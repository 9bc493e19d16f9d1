//! Carries requests out in the background, as soon as they are put off.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::bell::Bell;
use crate::doorward::Doorward;
use crate::entropy::Entropy;

/// How long to rest when nobody says that there is something to do: another process may have
/// left it.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How long a request waits at the most before it is carried out. For how long is drawn at
/// random: who sends requests right behind theirs must not feel what it costs.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long to rest after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Carries requests out for as long as `engine` finds an engine.
pub(crate) fn spawn(bell: Arc<Bell>, engine: impl Fn() -> Option<Doorward> + Send + 'static) {
    tokio::spawn(async move {
        let mut hooks = JoinSet::new();
        loop {
            let Some(doorward) = engine() else {
                return hooks.detach_all();
            };
            while hooks.try_join_next().is_some() {}
            let rest = match doorward.carry_out_deferred(&mut hooks).await {
                Ok(_) => LONGEST_REST,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "requests that were put off wait");
                    AFTER_FAILURE
                }
            };
            let wait = random_wait(doorward.entropy());
            // Nothing but the engine's owner may keep it alive.
            drop(doorward);
            tokio::select! {
                () = bell.heard() => tokio::time::sleep(wait).await,
                () = tokio::time::sleep(rest) => {}
            }
        }
    });
}

fn random_wait(entropy: &dyn Entropy) -> Duration {
    let mut random = [0; 4];
    entropy.fill(&mut random);
    LONGEST_WAIT.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}
