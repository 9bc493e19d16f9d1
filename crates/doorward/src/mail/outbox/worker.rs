//! Sends mail in the background, as soon as there is some.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::Fate;
use crate::bell::Bell;
use crate::doorward::Doorward;
use crate::error::Failure;

/// How long to rest when nobody says that there is mail: another process may have written some.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How long to rest after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Sends mail for as long as `engine` finds an engine. A mail that stalls holds up no other.
pub(crate) fn spawn(bell: Arc<Bell>, engine: impl Fn() -> Option<Doorward> + Send + 'static) {
    tokio::spawn(async move {
        let mut sending = JoinSet::new();
        loop {
            let Some(doorward) = engine() else {
                // Who is in the middle of a mail goes on: half a mail may be sent twice.
                return sending.detach_all();
            };
            let rest = doorward.work_on_outbox(&mut sending).await;
            // Nothing but the engine's owner may keep it alive.
            drop(doorward);
            tokio::select! {
                () = bell.heard() => {}
                () = tokio::time::sleep(rest) => {}
                Some(_) = sending.join_next() => {}
            }
        }
    });
}

impl Doorward {
    /// One round of the worker; tells how long to rest after it.
    async fn work_on_outbox(&self, sending: &mut JoinSet<Fate>) -> Duration {
        self.try_to_work_on_outbox(sending)
            .await
            .unwrap_or_else(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "mail waits");
                AFTER_FAILURE
            })
    }

    async fn try_to_work_on_outbox(
        &self,
        sending: &mut JoinSet<Fate>,
    ) -> Result<Duration, Failure> {
        self.send_due(sending).await?;
        if sending.len() >= super::AT_ONCE {
            // The end of one of them is heard.
            return Ok(LONGEST_REST);
        }
        let next = self.find_next_due().await?;
        let until_next = next.map_or(LONGEST_REST, |due| due.since(self.now()));
        Ok(until_next.min(LONGEST_REST))
    }
}
