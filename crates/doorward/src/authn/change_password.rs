//! A new password: chosen by the owner, or set by somebody who may.

use std::time::Duration;

use crate::account::UserRecord;
use crate::audit::{Action, Record};
use crate::authz::{Caller, Standing, fails_without_standing};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::mail::{MailFacts, MailKind};
use crate::session::end_sessions;
use crate::store::{audit, passwords, tokens, users};

use super::Authenticated;
use super::lockout::fails_by_turn;
use super::new_password::fails_by_new_password;
use super::password::{Password, PasswordHash, PasswordRejected};

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

impl Doorward {
    /// Changes the password of whoever asks, and ends all their other sessions.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let elsewhere = auth.login_as("user").await.tokens.access_token;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// # let current = doorward::testing::PASSWORD;
    /// auth.change_password(who, caller, current.into(), "a new and better one".into()).await?;
    /// // The session that asked stays, others of the account end.
    /// assert_eq!(auth.list_sessions(who).await?.len(), 1);
    /// assert!(auth.authenticate(&elsewhere).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ChangePasswordError::CurrentIncorrect`], [`ChangePasswordError::Locked`],
    /// [`ChangePasswordError::Rejected`] and [`ChangePasswordError::Revoked`] as they say; [`ChangePasswordError::Internal`] where
    /// the database does not answer, or the hashing pool is full.
    pub async fn change_password(
        &self,
        who: &Authenticated,
        caller: &Caller,
        current: Password,
        new: Password,
    ) -> Result<(), ChangePasswordError> {
        let user = who.user.id;
        self.check_new_password_of(user, &new, caller).await?;
        let refusal = self
            .record(Action::PasswordChanged, caller)
            .on(user)
            .refused("current_incorrect");
        let old = self
            .verify_own_password(user, current, refusal)
            .await?
            .ok_or(ChangePasswordError::CurrentIncorrect)?;
        let new = self.hasher().hash(new).await?;
        let record = self.record(Action::PasswordChanged, caller).on(user);
        self.replace_password(who, caller, (old, new), record).await
    }

    async fn replace_password(
        &self,
        who: &Authenticated,
        caller: &Caller,
        (old, new): (PasswordHash, PasswordHash),
        record: Record,
    ) -> Result<(), ChangePasswordError> {
        let (user, kept, now) = (who.user.id, who.session.id, self.now());
        let (engine, caller) = (self.clone(), caller.clone());
        self.database()
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
                    let to = owner.as_ref().and_then(UserRecord::recipient);
                    Ok(engine.tell(tx, to, notice, facts, &caller.origin).await?)
                })
            })
            .await
    }
}
