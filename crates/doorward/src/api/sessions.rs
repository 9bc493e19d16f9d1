//! Logins, and the sessions that they open.

use std::time::Duration;

use crate::domain::caller::{Authenticated, Caller};
use crate::domain::failure::Failure;
use crate::domain::id::SessionId;
use crate::engine::Doorward;
use crate::ops::authn::{
    AuthenticateError, LoginAttempt, LoginError, LoginOutcome, authenticate, login, reauthenticate,
};
use crate::ops::session::{EndSessionError, RefreshError, Session, TokenPair, end, list, refresh};

impl Doorward {
    /// Logs somebody in.
    ///
    /// An unknown name costs what a wrong password costs, and gets the same answers, also
    /// where they become fewer. A password in an outdated hash is hashed anew. Where registrations
    /// reveal nothing, so does an account whose address was never verified and that was never
    /// logged in to.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// # let (caller, password) = (doorward::testing::anonymous(), doorward::testing::PASSWORD);
    /// use doorward::{LoginAttempt, LoginError, LoginOutcome};
    ///
    /// let attempt = LoginAttempt::new("anna@example.com", password).by(caller.clone());
    /// let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    /// assert_eq!(tokens.expires_in, auth.access_token_ttl());
    ///
    /// let attempt = LoginAttempt::new("anna@example.com", "a wrong one").by(caller);
    /// let refused = auth.login(attempt).await;
    /// assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::Throttled`], [`LoginError::Locked`] and [`LoginError::Captcha`] before the
    /// password is looked at;
    /// [`LoginError::InvalidCredentials`] where the account or the password is wrong;
    /// [`LoginError::Inactive`] where both are right and the account is deactivated;
    /// [`LoginError::Internal`] where the database does not answer, the hashing pool is full, or
    /// no token can be issued: the account lacks the name that tokens call it by, or
    /// [`Hooks::claims`](crate::Hooks::claims) adds too much.
    pub async fn login(&self, attempt: LoginAttempt) -> Result<LoginOutcome, LoginError> {
        login::login(&self.0, attempt).await
    }

    /// Exchanges a refresh token for a new pair of tokens.
    ///
    /// The exchanged token is used up. Presented again within ten seconds (or what the
    /// builder was told) and before its successor is used, it yields the very same
    /// successor: a client that lost the answer, or that asks twice at once, stays logged
    /// in. Presented at any other time it ends the session.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (caller, tokens) = (doorward::testing::anonymous(), anna.tokens);
    /// use std::time::Duration;
    /// use doorward::RefreshError;
    ///
    /// let next = auth.refresh(&tokens.refresh_token, &caller).await?;
    /// assert!(auth.authenticate(&next.access_token).await.is_ok());
    ///
    /// // Whoever presents an old one a minute later may have stolen it.
    /// auth.advance(Duration::from_secs(60));
    /// let reused = auth.refresh(&tokens.refresh_token, &caller).await;
    /// assert!(matches!(reused, Err(RefreshError::Reused)));
    /// assert!(auth.authenticate(&next.access_token).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RefreshError::Token`] where the token is malformed, forged, expired or not a refresh
    /// token of this issuer; [`RefreshError::Revoked`] where its session has ended or its
    /// account is deactivated or deleted; [`RefreshError::Reused`] as it says;
    /// [`RefreshError::Throttled`] where the caller's network, or the account of a good token,
    /// asks more often than [`RateLimits::refresh`](crate::RateLimits::refresh) allows;
    /// [`RefreshError::Internal`] where the database does not answer, or no token can be issued:
    /// the account lacks the name that tokens call it by, or
    /// [`Hooks::claims`](crate::Hooks::claims) adds too much.
    pub async fn refresh(
        &self,
        refresh_token: &str,
        caller: &Caller,
    ) -> Result<TokenPair, RefreshError> {
        refresh::refresh(&self.0, refresh_token, caller).await
    }

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
        end::logout(&self.0, who, caller).await
    }

    /// Finds the account that an access token speaks for.
    ///
    /// Checks signature, type, issuer, audience and times, that the session has not ended
    /// and that the account is active. Takes a microsecond where all of them are cached.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let access_token = &anna.tokens.access_token;
    /// use doorward::{AuthenticateError, RoleName};
    ///
    /// let who = auth.authenticate(access_token).await?;
    /// assert!(who.user.has_role(&RoleName::USER));
    ///
    /// auth.logout(&who, &anna.caller()).await?;
    /// let late = auth.authenticate(access_token).await;
    /// assert!(matches!(late, Err(AuthenticateError::Revoked)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AuthenticateError::Token`] where the token is malformed, forged, expired or not
    /// an access token of this issuer; [`AuthenticateError::Revoked`] where its session has
    /// ended or its account is deleted; [`AuthenticateError::Inactive`] where its account is
    /// deactivated; [`AuthenticateError::Internal`] where the database would have to be asked
    /// and does not answer.
    pub async fn authenticate(
        &self,
        access_token: &str,
    ) -> Result<Authenticated, AuthenticateError> {
        authenticate::authenticate(&self.0, access_token).await
    }

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
        reauthenticate::has_recent_login(&self.0, who, within)
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
        end::end_session(&self.0, who, caller, session).await
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
        end::end_all_sessions(&self.0, who, caller, keep_this_one).await
    }

    /// Lists the live sessions of whoever asks, the newest first, a thousand at the most.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.login_as("user").await;
    /// # let who = auth.login_as("user").await.who;
    /// let sessions = auth.list_sessions(&who).await?;
    /// assert_eq!(sessions.len(), 2);
    /// assert_eq!((sessions[0].id, sessions[0].is_current), (who.session.id, true));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_sessions(&self, who: &Authenticated) -> Result<Vec<Session>, Failure> {
        list::list_sessions(&self.0, who).await
    }
}
