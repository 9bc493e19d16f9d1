//! What a refused login leaves behind.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::audit::Action;
use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::engine::Engine;
use crate::engine::audit::{audit_record, insert_audit_event};
use crate::instrumentation;
use crate::lockout::Turn;
use crate::ops::authn::attempt::{count_failure_in, unless_deleted};
use crate::ops::jobs::{
    Deferred, JobError, JobKind, complete_with, defer, drop_job, open_deferred,
};
use crate::ops::mail::letter::tell;
use crate::store::db::{StoreError, Tx};
use crate::store::jobs::Job;
use crate::store::{audit, users};

/// Mails the owner of an account, if there is one, that logins are locked.
pub(crate) const LOCK_NOTICE: JobKind<Deferred<LockNotice>> = JobKind::deferred("lock_notice");

/// The request that [`LOCK_NOTICE`] carries out.
#[derive(Serialize, Deserialize)]
pub(crate) struct LockNotice {
    user: Option<Uuid>,
    /// In milliseconds since the Unix epoch.
    until: i64,
}

/// Writes down that a password was wrong, or that there is nobody whose it could be:
/// in one transaction, with the same statements.
///
/// What was typed is not written down: it may be a password in the wrong field.
pub(super) async fn note_wrong_password(
    engine: &Arc<Engine>,
    turn: &Turn,
    target: Option<UserId>,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut record = audit_record(engine, Action::Login, caller).refused("invalid_credentials");
    record.event.target_id = target;
    let (owned, caller, subject) = (Arc::clone(engine), caller.clone(), turn.subject());
    let noted = engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                let counted = count_failure_in(&owned, tx, subject, target, &record).await?;
                if counted.begins_to_lock {
                    note_lock(&owned, tx, target, &caller, counted.locked_until).await?;
                }
                Ok(counted.begins_to_lock)
            })
        })
        .await;
    if matches!(noted, Ok(true)) {
        instrumentation::count_lockout();
    }
    unless_deleted(noted.map(drop))
}

/// The owner is told later: to look for one now would tell whether there is one.
async fn note_lock(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    target: Option<UserId>,
    caller: &Caller,
    until: Timestamp,
) -> Result<(), StoreError> {
    let mut record = audit_record(engine, Action::AccountLocked, caller);
    record.event.target_id = target;
    audit::insert(tx, &record).await?;
    let request = LockNotice {
        user: target.map(UserId::as_uuid),
        until: until.as_millis(),
    };
    let request = Deferred::new(request, &caller.origin);
    defer(engine, tx, LOCK_NOTICE, &request).await
}

pub(super) async fn note_inactive(
    engine: &Arc<Engine>,
    user: UserId,
    caller: &Caller,
) -> Result<(), Failure> {
    let record = audit_record(engine, Action::Login, caller).on(user);
    insert_audit_event(engine, record.refused("inactive")).await
}

/// Carries out a job of [`LOCK_NOTICE`].
pub(crate) async fn run_lock_notice(engine: &Arc<Engine>, job: &Job) -> Result<(), JobError> {
    let (request, caller) = open_deferred(engine, LOCK_NOTICE, job)?;
    let Some(user) = request.user.map(UserId::from_uuid) else {
        return Ok(drop_job(engine, job.id).await?);
    };
    let until = Timestamp::from_millis(request.until);
    let (owned, origin) = (Arc::clone(engine), caller.origin);
    complete_with(engine, job.id, move |tx| {
        Box::pin(async move {
            let Some(owner) = users::find(tx, user).await? else {
                return Ok(());
            };
            let now = owned.now();
            let facts =
                MailFacts::of_event(&origin, now).valid_for(in_whole_minutes(until.since(now)));
            let (to, kind) = (Recipient::of_record(&owner), MailKind::AccountLocked);
            tell(&owned, tx, to, kind, facts, &origin).await
        })
    })
    .await
    .map_err(|error: StoreError| Failure::from(error))?;
    Ok(())
}

/// Rounded up: a wait is never told shorter than it is.
fn in_whole_minutes(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs().div_ceil(60) * 60)
}
