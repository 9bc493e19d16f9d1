//! What is done from time to time, off the path of every request.

use std::time::Duration;

use crate::doorward::Doorward;
use crate::error::Failure;
use crate::store::db::StoreError;
use crate::store::sessions;

/// How long to rest between two rounds.
const EVERY: Duration = Duration::from_secs(300);
/// How many rows one transaction deletes: few enough that nobody notices.
const BATCH: i64 = 500;
/// How long to rest between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps house in the background, for as long as `engine` finds an engine.
pub(crate) fn spawn(engine: impl Fn() -> Option<Doorward> + Send + 'static) {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(doorward) = engine() else { return };
            if let Err(error) = doorward.purge_expired_sessions().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "expired sessions stay"
                );
            }
        }
    });
}

impl Doorward {
    /// Deletes the sessions that expired, in small batches; tells how many.
    ///
    /// Runs by itself every five minutes, unless the builder was told otherwise.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn purge_expired_sessions(&self) -> Result<u64, Failure> {
        let before = self.now();
        let mut purged = 0;
        loop {
            let batch = self
                .database()
                .write(move |tx| Box::pin(async move { sessions::purge(tx, before, BATCH).await }))
                .await
                .map_err(|error: StoreError| Failure::from(error))?;
            purged += batch;
            if batch < BATCH.unsigned_abs() {
                return Ok(purged);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
