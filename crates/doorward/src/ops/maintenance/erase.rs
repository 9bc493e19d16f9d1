//! What a deleted account leaves in the audit trail: where it was used from, wiped out.
//!
//! The events stay, by id alone: what was done is told for as long as the trail is kept.

use std::sync::Arc;
use std::time::Duration;

use super::{BATCH, PAUSE};
use crate::domain::failure::Failure;
use crate::domain::id::{EventId, UserId};
use crate::engine::Engine;
use crate::store::audit::{self, Trace};
use crate::store::db::StoreError;
use crate::store::erasures::{self, Erasure};

/// After which time traces are looked for once more, and for the last time. What was under
/// way when the account was deleted may write some after the first look; it is long over then.
const LAST_LOOK: Duration = Duration::from_secs(60 * 60);

/// Wipes out of the audit trail where deleted accounts were used from; tells out of how
/// many events.
pub(crate) async fn erase_deleted_accounts(engine: &Arc<Engine>) -> Result<u64, Failure> {
    let mut wiped = 0;
    while let Some(erasure) = find_due_erasure(engine).await? {
        for trace in [Trace::Actor, Trace::Target] {
            wiped += wipe(engine, erasure.user, trace).await?;
        }
        note_look(engine, erasure).await?;
    }
    Ok(wiped)
}

async fn find_due_erasure(engine: &Arc<Engine>) -> Result<Option<Erasure>, Failure> {
    let now = engine.now();
    engine
        .database()
        .read(move |tx| Box::pin(async move { erasures::find_due(tx, now).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn wipe(engine: &Arc<Engine>, user: UserId, trace: Trace) -> Result<u64, Failure> {
    let (mut wiped, mut after) = (0, EventId::from_uuid(uuid::Uuid::nil()));
    loop {
        let events = engine
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

async fn note_look(engine: &Arc<Engine>, erasure: Erasure) -> Result<(), Failure> {
    let last_look = erasure.requested_at + LAST_LOOK;
    let is_over = engine.now() >= last_look;
    engine
        .database()
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
