//! The ends of sessions: logout, here or everywhere, and the end of another of one's own.

use crate::audit::Action;
use crate::authn::Authenticated;
use crate::authz::Caller;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::{SessionId, UserId};
use crate::one_time_token::TokenPurpose;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, sessions, tokens};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionError {
    /// The caller has no live session of this id.
    #[error("there is no such session")]
    NotFound,
    /// The database did not answer.
    #[error("the session could not be ended")]
    Internal(#[source] Failure),
}

fails_internally!(EndSessionError);

impl Doorward {
    /// Ends the session that an access token belongs to, at once: logout.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller, tokens) = (&anna.who, &anna.caller(), &anna.tokens);
    /// auth.logout(who, caller).await?;
    /// assert!(auth.authenticate(&tokens.access_token).await.is_err());
    /// assert!(auth.refresh(&tokens.refresh_token, caller).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn logout(&self, who: &Authenticated, caller: &Caller) -> Result<(), Failure> {
        let (user, session, now) = (who.user.id, who.session.id, self.now());
        let record = self
            .record(Action::Logout, caller)
            .on(user)
            .in_session(session);
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if sessions::revoke(tx, session, user, now).await? {
                        tx.changed(Change::Session(session));
                        audit::insert(tx, &record).await?;
                    }
                    Ok(())
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// Ends all sessions of whoever asks, or all but the one that asks.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.login_as("user").await;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller, access_token) = (&anna.who, &anna.caller(), &anna.tokens.access_token);
    /// let keep_this_one = true;
    /// auth.end_all_sessions(who, caller, keep_this_one).await?;
    /// assert_eq!(auth.list_sessions(who).await?.len(), 1);
    ///
    /// auth.end_all_sessions(who, caller, false).await?;
    /// assert!(auth.authenticate(access_token).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn end_all_sessions(
        &self,
        who: &Authenticated,
        caller: &Caller,
        keep_this_one: bool,
    ) -> Result<(), Failure> {
        let (user, now) = (who.user.id, self.now());
        let kept = keep_this_one.then_some(who.session.id);
        let record = self.record(Action::SessionRevoked, caller).on(user);
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    end_sessions(tx, user, kept, now).await?;
                    forget_new_address(tx, user).await?;
                    audit::insert(tx, &record).await
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// Ends one session of whoever asks.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.login_as("user").await;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// for session in auth.list_sessions(who).await? {
    ///     if !session.is_current {
    ///         auth.end_session(who, caller, session.id).await?;
    ///     }
    /// }
    /// assert_eq!(auth.list_sessions(who).await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`EndSessionError::NotFound`] where they have no live session of this id;
    /// [`EndSessionError::Internal`] where the database does not answer.
    pub async fn end_session(
        &self,
        who: &Authenticated,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(), EndSessionError> {
        let (user, now) = (who.user.id, self.now());
        let record = self
            .record(Action::SessionRevoked, caller)
            .on(user)
            .in_session(session);
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if !sessions::revoke(tx, session, user, now).await? {
                        return Err(EndSessionError::NotFound);
                    }
                    tx.changed(Change::Session(session));
                    forget_new_address(tx, user).await?;
                    audit::insert(tx, &record).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Who ends other sessions may be shutting an intruder out, who may have asked for another
/// address: it must not become the account's any more.
async fn forget_new_address(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tokens::revoke(tx, user, TokenPurpose::EmailChange).await
}

/// Ends an account's sessions, all but one if one is to stay.
pub(crate) async fn end_sessions(
    tx: &mut Tx<'_>,
    user: UserId,
    kept: Option<SessionId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for session in sessions::revoke_all_but(tx, user, kept, now).await? {
        tx.changed(Change::Session(session));
    }
    Ok(())
}
