//! Showing once more who one is, before something that can't be undone.

use std::time::Duration;

use crate::audit::Action;
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::store::db::StoreError;
use crate::store::passwords;

use super::Authenticated;
use super::password::{Password, PasswordHash};

/// How recent a login must be to stand for the password.
const RECENT: Duration = Duration::from_secs(5 * 60);

/// How somebody who is logged in shows that it is still they: by the password, or, with
/// none, by having logged in within the last five minutes.
#[derive(Clone, Debug, Default)]
pub struct Reauthentication {
    /// The account's password.
    pub password: Option<Password>,
}

/// Why somebody did not show that it is still they.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReauthenticationError {
    #[error("the password or a recent login is needed")]
    Required,
    #[error("the password is incorrect")]
    Incorrect,
    #[error("the password could not be verified")]
    Internal(#[source] Failure),
}

fails_internally!(ReauthenticationError);

impl Doorward {
    pub(crate) async fn reauthenticate(
        &self,
        who: &Authenticated,
        caller: &Caller,
        proof: &Reauthentication,
    ) -> Result<(), ReauthenticationError> {
        let Some(password) = &proof.password else {
            let (now, shown) = (self.now(), who.session.authenticated_at);
            // A clock that was set back must not make an old login recent.
            return if shown <= now && now.since(shown) <= RECENT {
                Ok(())
            } else {
                Err(ReauthenticationError::Required)
            };
        };
        match self
            .verify_own_password(who.user.id, password.clone())
            .await?
        {
            Some(_) => Ok(()),
            None => {
                let record = self
                    .record(Action::Reauthentication, caller)
                    .on(who.user.id);
                self.note(record.refused("password_incorrect")).await?;
                Err(ReauthenticationError::Incorrect)
            }
        }
    }

    /// The hash that the password was found to belong to; `None` where it is another one.
    pub(crate) async fn verify_own_password(
        &self,
        user: UserId,
        password: Password,
    ) -> Result<Option<PasswordHash>, Failure> {
        let stored = self
            .database()
            .read(move |tx| Box::pin(async move { passwords::find(tx, user).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let verdict = self.hasher().verify(password, stored.clone()).await?;
        Ok(stored.filter(|_| verdict.is_match()))
    }
}
