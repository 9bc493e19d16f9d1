//! The outbox as its operator sees it.

use std::sync::Arc;

use crate::domain::authz::{MailRead, MailWrite};
use crate::domain::caller::Permitted;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{MailId, UserId};
use crate::domain::jobs::Queue;
use crate::engine::Engine;
use crate::store::db::StoreError;
use crate::store::jobs::{self, JobRecord};

/// A mail on its way, or given up. Its address and its text are sealed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MailInOutbox {
    /// The id.
    pub id: MailId,
    /// The account that it goes to; none where it tells that no account was made.
    pub user_id: Option<UserId>,
    /// What it is about, a word of [`MailKind`](crate::MailKind).
    pub kind: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is of no more use.
    pub expires_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; none where it was given up.
    pub due_at: Option<Timestamp>,
    /// When it was given up, if it was.
    pub dead_at: Option<Timestamp>,
    /// Why it could not be sent the last time, if it was tried.
    pub failure: Option<String>,
}

/// How many mails there are in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxCount {
    /// Mails that wait to be sent, or to be tried again.
    pub waiting: u64,
    /// Mails that were given up.
    pub dead: u64,
    /// Since when the oldest of those that wait is there.
    pub oldest_at: Option<Timestamp>,
}

impl From<JobRecord> for MailInOutbox {
    fn from(record: JobRecord) -> Self {
        Self {
            id: record.id,
            user_id: record.user,
            kind: record.kind,
            created_at: record.created_at,
            expires_at: record.expires_at,
            attempts: record.attempts,
            due_at: record.due_at,
            dead_at: record.dead_at,
            failure: record.failure,
        }
    }
}

/// Lists the mails in the outbox, the oldest first; all, or those that were given up.
pub(crate) async fn list_mail(
    engine: &Arc<Engine>,
    _by: &Permitted<MailRead>,
    only_dead: bool,
    limit: u32,
) -> Result<Vec<MailInOutbox>, Failure> {
    let found = engine
        .database()
        .read(move |tx| {
            Box::pin(async move { jobs::list(tx, Queue::Mail, only_dead, i64::from(limit)).await })
        })
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(found.into_iter().map(MailInOutbox::from).collect())
}

/// Counts the mails in the outbox.
pub(crate) async fn count_mail(engine: &Arc<Engine>) -> Result<OutboxCount, Failure> {
    let (all, dead, oldest_at) = engine
        .database()
        .read(|tx| Box::pin(async move { jobs::count(tx, Queue::Mail).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(OutboxCount {
        waiting: u64::try_from(all - dead).unwrap_or(0),
        dead: u64::try_from(dead).unwrap_or(0),
        oldest_at,
    })
}

/// Makes a mail due at once, whether it waits or was given up; tells whether there is one
/// of this id that nobody is sending at this moment.
pub(crate) async fn retry_mail(
    engine: &Arc<Engine>,
    _by: &Permitted<MailWrite>,
    id: MailId,
) -> Result<bool, Failure> {
    let now = engine.now();
    engine
        .database()
        .write(move |tx| Box::pin(async move { jobs::revive(tx, Queue::Mail, id, now).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

/// Makes all mails due at once that were given up; tells how many.
pub(crate) async fn retry_dead_mail(
    engine: &Arc<Engine>,
    _by: &Permitted<MailWrite>,
) -> Result<u64, Failure> {
    let now = engine.now();
    engine
        .database()
        .write(move |tx| Box::pin(async move { jobs::revive_dead(tx, Queue::Mail, now).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
