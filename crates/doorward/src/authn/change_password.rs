//! A new password: chosen by the owner, or set by somebody who may.

use crate::audit::{Action, Record};
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::session::end_sessions;
use crate::store::db::StoreError;
use crate::store::{audit, passwords, users};

use super::Authenticated;
use super::password::{Password, PasswordHash, PasswordRejected};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is another one.
    #[error("the current password is incorrect")]
    CurrentIncorrect,
    /// The new password is against the policy.
    #[error(transparent)]
    Rejected(PasswordRejected),
    /// The account is gone.
    #[error("there is no such account")]
    NotFound,
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the password could not be changed")]
    Internal(#[source] Failure),
}

fails_internally!(ChangePasswordError);

impl From<PasswordRejected> for ChangePasswordError {
    fn from(rejected: PasswordRejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl Doorward {
    /// Changes the password of whoever asks, and ends all their other sessions.
    ///
    /// # Errors
    /// [`ChangePasswordError::CurrentIncorrect`], [`ChangePasswordError::Rejected`] and
    /// [`ChangePasswordError::NotFound`] as they say; [`ChangePasswordError::Internal`] where
    /// the database does not answer, or the hashing pool is full.
    pub async fn change_password(
        &self,
        who: &Authenticated,
        caller: &Caller,
        current: Password,
        new: Password,
    ) -> Result<(), ChangePasswordError> {
        let user = who.user.id;
        self.config().password_policy.check_password(&new)?;
        let Some(old) = self.verify_own_password(user, current).await? else {
            self.note_refused_change(user, caller).await?;
            return Err(ChangePasswordError::CurrentIncorrect);
        };
        let new = self.hasher().hash(new).await?;
        let record = self.record(Action::PasswordChanged, caller).on(user);
        self.replace_password(who, old, new, record).await
    }

    async fn note_refused_change(
        &self,
        user: UserId,
        caller: &Caller,
    ) -> Result<(), ChangePasswordError> {
        let record = self
            .record(Action::PasswordChanged, caller)
            .on(user)
            .refused("current_incorrect");
        self.database()
            .write(move |tx| Box::pin(async move { audit::insert(tx, &record).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    async fn replace_password(
        &self,
        who: &Authenticated,
        old: PasswordHash,
        new: PasswordHash,
        record: Record,
    ) -> Result<(), ChangePasswordError> {
        let (user, kept, now) = (who.user.id, who.session.id, self.now());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if !users::lock(tx, user).await? {
                        return Err(ChangePasswordError::NotFound);
                    }
                    // Of two changes at once, the second no longer knows the current password.
                    if passwords::find(tx, user).await? != Some(old) {
                        return Err(ChangePasswordError::CurrentIncorrect);
                    }
                    passwords::put(tx, user, &new, now).await?;
                    end_sessions(tx, user, Some(kept), now).await?;
                    audit::insert(tx, &record).await?;
                    Ok(())
                })
            })
            .await
    }
}
