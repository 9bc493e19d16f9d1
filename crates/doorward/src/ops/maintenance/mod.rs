//! What is done from time to time, off the path of every request.

pub(crate) mod erase;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::jobs::Queue;
use crate::domain::lockout::MEMORY;
use crate::engine::Engine;
use crate::store::db::{BoxFuture, StoreError, Tx};
use crate::store::{audit, jobs, known_origins, login_failures, sessions, tokens, users};
use erase::erase_deleted_accounts;

/// How many rows one transaction changes: few enough that nobody notices.
pub(crate) const BATCH: i64 = 500;
/// How long to rest between two batches.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

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

/// Deletes what is kept no longer, as [`Retention`](crate::Retention) says, in small batches; tells how much.
pub(crate) async fn keep_house(engine: &Arc<Engine>) -> Result<Housekeeping, Failure> {
    let now = engine.now();
    let kept = engine.config().retention;
    let mut done = Housekeeping {
        erased_traces: erase_deleted_accounts(engine).await?,
        ..Housekeeping::default()
    };
    let ended = now - kept.sessions;
    done.sessions = purge(engine, move |tx| {
        Box::pin(sessions::purge_expired(tx, ended, BATCH))
    })
    .await?;
    done.sessions += purge(engine, move |tx| {
        Box::pin(sessions::purge_revoked(tx, ended, BATCH))
    })
    .await?;
    done.sessions += purge_ended_epochs(engine, ended).await?;
    done.one_time_tokens = purge(engine, move |tx| Box::pin(tokens::purge(tx, now, BATCH))).await?;
    done.login_failures = purge(engine, move |tx| {
        Box::pin(login_failures::purge(tx, now - MEMORY, now, BATCH))
    })
    .await?;
    done.known_origins = purge(engine, move |tx| {
        Box::pin(known_origins::purge(tx, now - kept.known_origins, BATCH))
    })
    .await?;
    done.mails = purge_jobs(engine, now).await?;
    if let Some(kept) = kept.audit_events {
        done.audit_events = purge(engine, move |tx| {
            Box::pin(audit::purge(tx, now - kept, BATCH))
        })
        .await?;
    }
    Ok(done)
}

/// Deletes the sessions that ended with all others of their account, one account in a transaction.
async fn purge_ended_epochs(engine: &Arc<Engine>, before: Timestamp) -> Result<u64, Failure> {
    let mut purged = 0;
    loop {
        let batch = engine
            .database()
            .write(move |tx| Box::pin(sessions::purge_ended_epochs(tx, before, BATCH)))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let Some(batch) = batch else {
            return Ok(purged);
        };
        purged += batch;
        if batch == BATCH.unsigned_abs() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Deletes mails that were given up, and jobs of any kind that no process has carried out in
/// time. Returns how many mails.
async fn purge_jobs(engine: &Arc<Engine>, now: Timestamp) -> Result<u64, Failure> {
    let mails_until = now - engine.config().retention.mails;
    purge(engine, move |tx| {
        Box::pin(jobs::purge_expired(tx, Queue::Deferred, now, BATCH))
    })
    .await?;
    let expired = purge(engine, move |tx| {
        Box::pin(jobs::purge_expired(tx, Queue::Mail, mails_until, BATCH))
    })
    .await?;
    let dead = purge(engine, move |tx| {
        Box::pin(jobs::purge_dead(tx, mails_until, BATCH))
    })
    .await?;
    Ok(expired + dead)
}

/// Deletes batch after batch until one is not full; tells how many rows.
async fn purge<F>(engine: &Arc<Engine>, delete_batch: F) -> Result<u64, Failure>
where
    F: for<'t, 'c> Fn(&'t mut Tx<'c>) -> BoxFuture<'t, Result<u64, StoreError>>
        + Copy
        + Send
        + 'static,
{
    let mut purged = 0;
    loop {
        let batch = engine.database().write(delete_batch).await?;
        purged += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(purged);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks the database for an answer.
pub(crate) async fn check_health(engine: &Arc<Engine>) -> Result<(), Failure> {
    engine
        .database()
        .read(|tx| Box::pin(async move { users::probe(tx).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
