//! What a refused login leaves behind.

use crate::audit::Action;
use crate::authn::lockout::{Turn, unless_deleted};
use crate::authz::Caller;
use crate::clock::Timestamp;
use crate::deferred::{self, DeferredRequest};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::UserId;
use crate::measure;
use crate::store::audit;
use crate::store::db::{StoreError, Tx};

impl Doorward {
    /// Writes down that a password was wrong, or that there is nobody whose it could be:
    /// in one transaction, with the same statements.
    ///
    /// What was typed is not written down: it may be a password in the wrong field.
    pub(super) async fn note_wrong_password(
        &self,
        turn: &Turn,
        target: Option<UserId>,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let mut record = self
            .record(Action::Login, caller)
            .refused("invalid_credentials");
        record.event.target_id = target;
        let (engine, caller, subject) = (self.clone(), caller.clone(), turn.subject());
        let noted = self
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let counted = engine
                        .count_failure_in(tx, subject, target, &record)
                        .await?;
                    if counted.begins_to_lock {
                        engine
                            .note_lock(tx, target, &caller, counted.locked_until)
                            .await?;
                    }
                    Ok(counted.begins_to_lock)
                })
            })
            .await;
        if matches!(noted, Ok(true)) {
            measure::count_lockout();
        }
        unless_deleted(noted.map(drop))
    }

    /// The owner is told later: to look for one now would tell whether there is one.
    async fn note_lock(
        &self,
        tx: &mut Tx<'_>,
        target: Option<UserId>,
        caller: &Caller,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut record = self.record(Action::AccountLocked, caller);
        record.event.target_id = target;
        audit::insert(tx, &record).await?;
        let request = DeferredRequest::TellOfLock {
            user: target.map(UserId::as_uuid),
            until: until.as_millis(),
        };
        deferred::put_off(self, tx, &request, &caller.origin).await
    }

    pub(super) async fn note_inactive(&self, user: UserId, caller: &Caller) -> Result<(), Failure> {
        let record = self.record(Action::Login, caller).on(user);
        self.note(record.refused("inactive")).await
    }
}
