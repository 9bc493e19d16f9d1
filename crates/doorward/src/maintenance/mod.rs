//! What is done from time to time, off the path of every request.

mod retention;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

pub use retention::Retention;

use crate::authn::lockout::MEMORY;
use crate::bell::Bell;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::store::db::{BoxFuture, StoreError, Tx};
use crate::store::{audit, known_origins, login_failures, outbox, sessions, tokens};

/// How long to rest between two rounds.
const EVERY: Duration = Duration::from_secs(300);
/// How many rows one transaction changes: few enough that nobody notices.
pub(crate) const BATCH: i64 = 500;
/// How long to rest between two batches.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// Keeps house in the background, for as long as `engine` finds an engine.
///
/// Traces of deleted accounts are wiped out at once, also those that a crash left.
pub(crate) fn spawn(bell: Arc<Bell>, engine: impl Fn() -> Option<Doorward> + Send + 'static) {
    tokio::spawn(async move {
        let mut rounds = interval_at(Instant::now() + EVERY, EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let Some(doorward) = engine() else { return };
            report(doorward.erase_deleted_accounts().await.err());
            // Nothing but the engine's owner may keep it alive.
            drop(doorward);
            tokio::select! {
                () = bell.heard() => {}
                _ = rounds.tick() => {
                    let Some(doorward) = engine() else { return };
                    report(doorward.keep_house().await.err());
                }
            }
        }
    });
}

fn report(error: Option<Failure>) {
    if let Some(error) = error {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "what is to be deleted stays until the next round");
    }
}

/// What a round of housekeeping deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Housekeeping {
    /// Audit events that traces of a deleted account were wiped out of.
    pub erased_traces: u64,
    /// Audit events.
    pub audit_events: u64,
    /// Sessions.
    pub sessions: u64,
    /// One-time tokens.
    pub one_time_tokens: u64,
    /// Counts of failed logins.
    pub login_failures: u64,
    /// Networks and devices.
    pub known_origins: u64,
    /// Mails that were given up.
    pub mails: u64,
}

impl Doorward {
    /// Deletes what is kept no longer, as [`Retention`] says, in small batches; tells how much.
    ///
    /// Runs by itself every five minutes, unless the builder was told otherwise. Where it is
    /// interrupted, the next round goes on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// use std::time::Duration;
    ///
    /// auth.advance(Duration::from_secs(365 * 24 * 60 * 60));
    /// let done = auth.keep_house().await?;
    /// assert_eq!(done.one_time_tokens, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn keep_house(&self) -> Result<Housekeeping, Failure> {
        let now = self.now();
        let kept = self.config().retention;
        let mut done = Housekeeping {
            erased_traces: self.erase_deleted_accounts().await?,
            ..Housekeeping::default()
        };
        let ended = now - kept.sessions;
        done.sessions = self
            .purge(move |tx| Box::pin(sessions::purge_expired(tx, ended, BATCH)))
            .await?;
        done.sessions += self
            .purge(move |tx| Box::pin(sessions::purge_revoked(tx, ended, BATCH)))
            .await?;
        done.one_time_tokens = self
            .purge(move |tx| Box::pin(tokens::purge(tx, now, BATCH)))
            .await?;
        done.login_failures = self
            .purge(move |tx| Box::pin(login_failures::purge(tx, now - MEMORY, now, BATCH)))
            .await?;
        done.known_origins = self
            .purge(move |tx| Box::pin(known_origins::purge(tx, now - kept.known_origins, BATCH)))
            .await?;
        done.mails = self
            .purge(move |tx| Box::pin(outbox::purge_dead(tx, now - kept.mails, BATCH)))
            .await?;
        if let Some(kept) = kept.audit_events {
            done.audit_events = self
                .purge(move |tx| Box::pin(audit::purge(tx, now - kept, BATCH)))
                .await?;
        }
        Ok(done)
    }

    /// Deletes batch after batch until one is not full; tells how many rows.
    async fn purge<F>(&self, delete_batch: F) -> Result<u64, Failure>
    where
        F: for<'t, 'c> Fn(&'t mut Tx<'c>) -> BoxFuture<'t, Result<u64, StoreError>>
            + Copy
            + Send
            + 'static,
    {
        let mut purged = 0;
        loop {
            let batch = self.database().write(delete_batch).await?;
            purged += batch;
            if batch < BATCH.unsigned_abs() {
                return Ok(purged);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
