//! What a deleted account leaves in the audit trail: where it was used from, wiped out.
//!
//! The events stay, by id alone: what was done is told for as long as the trail is kept.

use std::time::Duration;

use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::{EventId, UserId};
use crate::maintenance::{BATCH, PAUSE};
use crate::store::audit::{self, Trace};
use crate::store::db::StoreError;
use crate::store::erasures::{self, Erasure};

/// After which time traces are looked for once more, and for the last time. What was under
/// way when the account was deleted may write some after the first look; it is long over then.
const LAST_LOOK: Duration = Duration::from_secs(60 * 60);

impl Doorward {
    /// Wipes out of the audit trail where deleted accounts were used from; tells out of how
    /// many events.
    ///
    /// Runs by itself after each deletion, unless the builder was told not to maintain, and
    /// for each account once more an hour later. Where it is interrupted, it goes on at the
    /// next start.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # use doorward::{Caller, LoginAttempt, Origin, Permitted};
    /// # let anna = auth.add_user("anna@example.com", ["user"]).await;
    /// # let there = Caller::anonymous(Origin::default().with_ip([192, 0, 2, 7].into()));
    /// # auth.login(LoginAttempt::new("anna@example.com", doorward::testing::PASSWORD).by(there)).await?;
    /// auth.delete_user(&Permitted::operator(), anna.id).await?;
    /// // This engine was told not to maintain.
    /// assert_eq!(auth.erase_deleted_accounts().await?, 1);
    /// assert_eq!(auth.erase_deleted_accounts().await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn erase_deleted_accounts(&self) -> Result<u64, Failure> {
        let mut wiped = 0;
        while let Some(erasure) = self.find_due_erasure().await? {
            for trace in [Trace::Actor, Trace::Target] {
                wiped += self.wipe(erasure.user, trace).await?;
            }
            self.note_look(erasure).await?;
        }
        Ok(wiped)
    }

    async fn find_due_erasure(&self) -> Result<Option<Erasure>, Failure> {
        let now = self.now();
        self.database()
            .read(move |tx| Box::pin(async move { erasures::find_due(tx, now).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    async fn wipe(&self, user: UserId, trace: Trace) -> Result<u64, Failure> {
        let (mut wiped, mut after) = (0, EventId::from_uuid(uuid::Uuid::nil()));
        loop {
            let events = self
                .database()
                .write(move |tx| {
                    Box::pin(async move { audit::wipe(tx, (user, trace), after, BATCH).await })
                })
                .await
                .map_err(|error: StoreError| Failure::from(error))?;
            let batch = events.len() as u64;
            wiped += batch;
            match events.into_iter().max() {
                Some(last) if batch == BATCH.unsigned_abs() => after = last,
                _ => return Ok(wiped),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn note_look(&self, erasure: Erasure) -> Result<(), Failure> {
        let last_look = erasure.requested_at + LAST_LOOK;
        let is_over = self.now() >= last_look;
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if is_over {
                        erasures::delete(tx, erasure.user).await
                    } else {
                        erasures::postpone(tx, erasure.user, last_look).await
                    }
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}
