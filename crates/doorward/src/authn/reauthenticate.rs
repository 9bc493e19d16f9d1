//! Showing once more who one is, before something that can't be undone.

use std::time::Duration;

use crate::audit::{Action, Record};
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::store::db::StoreError;
use crate::store::{login_failures, passwords};

use super::Authenticated;
use super::lockout::subject::own_password;
use super::lockout::{Turn, TurnRefused, fails_by_turn};
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
    #[error("too many passwords were incorrect")]
    Locked { retry_after: Duration },
    #[error("the password could not be verified")]
    Internal(#[source] Failure),
}

fails_internally!(ReauthenticationError);
fails_by_turn!(ReauthenticationError);

impl Doorward {
    /// Whether the owner of the account showed a password in this session no longer ago than
    /// this.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use doorward::{Authenticated, Doorward};
    /// # fn example(auth: &Doorward, who: &Authenticated) -> bool {
    /// auth.has_recent_login(who, Duration::from_secs(5 * 60))
    /// # }
    /// ```
    pub fn has_recent_login(&self, who: &Authenticated, within: Duration) -> bool {
        let (now, shown) = (self.now(), who.session.authenticated_at);
        // A clock that was set back must not make an old login recent.
        shown <= now && now.since(shown) <= within
    }

    pub(crate) async fn reauthenticate(
        &self,
        who: &Authenticated,
        caller: &Caller,
        proof: &Reauthentication,
    ) -> Result<(), ReauthenticationError> {
        let Some(password) = &proof.password else {
            return if self.has_recent_login(who, RECENT) {
                Ok(())
            } else {
                Err(ReauthenticationError::Required)
            };
        };
        let refusal = self
            .record(Action::Reauthentication, caller)
            .on(who.user.id)
            .refused("password_incorrect");
        self.verify_own_password(who.user.id, password.clone(), refusal)
            .await?
            .map(drop)
            .ok_or(ReauthenticationError::Incorrect)
    }

    /// The hash that the password was found to belong to; `None` where it is another one,
    /// which is counted and written down as `refusal`.
    ///
    /// Whoever found a browser open has no more guesses than whoever logs in.
    pub(crate) async fn verify_own_password(
        &self,
        user: UserId,
        password: Password,
        refusal: Record,
    ) -> Result<Option<PasswordHash>, TurnRefused> {
        let subject = own_password(&self.keys().fingerprints, user);
        // Held until what the attempt came to is written down.
        let turn = self.wait_for_turn(subject).await?;
        let stored = self
            .database()
            .read(move |tx| Box::pin(async move { passwords::find(tx, user).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let verdict = self
            .hasher()
            .verify(password, stored.clone())
            .await
            .map_err(Failure::from)?;
        if !verdict.is_match() {
            self.count_failure(&turn, Some(user), refusal).await?;
            return Ok(None);
        }
        if turn.failures() > 0 {
            self.forget_failures(&turn).await?;
        }
        Ok(stored)
    }

    async fn forget_failures(&self, turn: &Turn) -> Result<(), Failure> {
        let subject = turn.subject();
        self.database()
            .write(move |tx| Box::pin(async move { login_failures::clear(tx, subject).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }
}
