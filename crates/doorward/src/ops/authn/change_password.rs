//! A new password: chosen by the owner, or set by somebody who may.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::fails_by_turn;
use super::new_password::{check_new_password_of, fails_by_new_password};
use super::reauthenticate::verify_own_password;
use crate::domain::audit::{Action, Record};
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::failure::Failure;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::password::{Password, PasswordHash, PasswordRejected};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::failing::fails_internally;
use crate::ops::mail::letter::tell;
use crate::ops::session::end_sessions;
use crate::store::{audit, passwords, tokens, users};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is another one.
    #[error("the current password is incorrect")]
    CurrentIncorrect,
    /// Too many current passwords were incorrect, so that not even the right one is looked at.
    #[error("too many passwords were incorrect")]
    Locked {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// The new password is against the policy.
    #[error(transparent)]
    Rejected(PasswordRejected),
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the password could not be changed")]
    Internal(#[source] Failure),
}

fails_internally!(ChangePasswordError);
fails_by_new_password!(ChangePasswordError);
fails_by_turn!(ChangePasswordError);
fails_without_standing!(ChangePasswordError);

impl From<PasswordRejected> for ChangePasswordError {
    fn from(rejected: PasswordRejected) -> Self {
        Self::Rejected(rejected)
    }
}

/// Changes the password of whoever asks, and ends all their other sessions.
pub(crate) async fn change_password(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    current: Password,
    new: Password,
) -> Result<(), ChangePasswordError> {
    let user = who.user.id;
    check_new_password_of(engine, user, &new, caller).await?;
    let refusal = audit_record(engine, Action::PasswordChanged, caller)
        .on(user)
        .refused("current_incorrect");
    let old = verify_own_password(engine, user, current, refusal)
        .await?
        .ok_or(ChangePasswordError::CurrentIncorrect)?;
    let new = engine.hasher().hash(new).await?;
    let record = audit_record(engine, Action::PasswordChanged, caller).on(user);
    replace_password(engine, who, caller, (old, new), record).await
}

async fn replace_password(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    (old, new): (PasswordHash, PasswordHash),
    record: Record,
) -> Result<(), ChangePasswordError> {
    let (user, kept, now) = (who.user.id, who.session.id, engine.now());
    let (owned, caller) = (Arc::clone(engine), caller.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                if !users::lock(tx, user).await? {
                    return Err(ChangePasswordError::Revoked);
                }
                Standing::of(tx, &caller, now).await?;
                // Of two changes at once, the second no longer knows the current password.
                if passwords::find(tx, user).await? != Some(old) {
                    return Err(ChangePasswordError::CurrentIncorrect);
                }
                passwords::put(tx, user, &new, now).await?;
                end_sessions(tx, user, Some(kept), now).await?;
                tokens::revoke_all(tx, user).await?;
                audit::insert(tx, &record).await?;
                let facts = MailFacts::of_event(&caller.origin, now);
                let notice = MailKind::PasswordChanged;
                let owner = users::find(tx, user).await?;
                let to = owner.as_ref().and_then(Recipient::of_record);
                Ok(tell(&owned, tx, to, notice, facts, &caller.origin).await?)
            })
        })
        .await
}
