//! What a refused login leaves behind.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::audit::Action;
use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{MailId, UserId};
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::engine::Engine;
use crate::engine::audit::{audit_record, insert_audit_event};
use crate::instrumentation;
use crate::lockout::Turn;
use crate::ops::authn::attempt::{count_failure_in, unless_deleted};
use crate::ops::deferred::{self, DeferredRequest};
use crate::ops::mail::letter::tell;
use crate::store::db::{StoreError, Tx};
use crate::store::{audit, deferred as deferred_store, users};

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
    let request = DeferredRequest::TellOfLock {
        user: target.map(UserId::as_uuid),
        until: until.as_millis(),
    };
    deferred::put_off(engine, tx, &request, &caller.origin).await
}

pub(super) async fn note_inactive(
    engine: &Arc<Engine>,
    user: UserId,
    caller: &Caller,
) -> Result<(), Failure> {
    let record = audit_record(engine, Action::Login, caller).on(user);
    insert_audit_event(engine, record.refused("inactive")).await
}

/// Tells an account's owner, if there is one, that logins are locked.
pub(crate) async fn tell_of_lock(
    engine: &Arc<Engine>,
    request: MailId,
    user: Option<UserId>,
    until: Timestamp,
    caller: &Caller,
) -> Result<(), Failure> {
    let Some(user) = user else {
        return deferred::drop_request(engine, request).await;
    };
    let (owned, origin) = (Arc::clone(engine), caller.origin.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                if !deferred_store::consume(tx, request).await? {
                    return Ok(());
                }
                let Some(owner) = users::find(tx, user).await? else {
                    return Ok(());
                };
                let now = owned.now();
                let facts =
                    MailFacts::of_event(&origin, now).valid_for(in_whole_minutes(until.since(now)));
                let to = Recipient::of_record(&owner);
                let kind = MailKind::AccountLocked;
                tell(&owned, tx, to, kind, facts, &origin).await
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}

/// Rounded up: a wait is never told shorter than it is.
fn in_whole_minutes(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs().div_ceil(60) * 60)
}
