//! What every request pays: from an access token to the account behind it.

use std::sync::Arc;

use doorward_protocol::claims::{AccessClaims, Expectations, TokenError};

use crate::account::UserSnapshot;
use crate::cache::{CachedSession, VerifiedToken};
use crate::clock::Timestamp;
use crate::config::TokenSubject;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::{SessionId, UserId};
use crate::store::db::StoreError;
use crate::store::{sessions, users};

/// An account that a verified access token speaks for, as it is at this moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Authenticated {
    /// The account, with its present roles.
    pub user: Arc<UserSnapshot>,
    /// The session that the token belongs to.
    pub session: AuthenticatedSession,
    /// Whether an account may use its roles only once its address is verified.
    pub(crate) requires_verified_email: bool,
}

impl Authenticated {
    /// Whether the account may do nothing but manage itself: its address has yet to be
    /// verified, and the builder was told to require that.
    pub fn is_restricted(&self) -> bool {
        self.requires_verified_email && !self.user.is_verified()
    }
}

/// The session that an access token belongs to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuthenticatedSession {
    /// Its id, the token's `sid`.
    pub id: SessionId,
    /// When its owner last showed a password in it: OpenID Connect's `auth_time`.
    pub authenticated_at: Timestamp,
}

/// Why an access token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token itself is no good, or no longer.
    #[error(transparent)]
    Token(TokenError),
    /// The session has ended, or the account is gone.
    #[error("the session has ended")]
    Revoked,
    /// The account is deactivated, and its sessions have ended with that.
    #[error("the account is deactivated")]
    Inactive,
    /// The database did not answer.
    #[error("the session could not be looked up")]
    Internal(#[source] Failure),
}

fails_internally!(AuthenticateError);

impl Doorward {
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
        let now = self.now();
        let token = self.verify_access_token(access_token, now)?;
        let session = self.find_session(token.session, now).await?;
        if token.user.is_some_and(|user| user != session.user) {
            return Err(AuthenticateError::Revoked);
        }
        // Before the session: a deactivation ends it, and is the reason to tell.
        let user = self.find_active_user(session.user).await?;
        if !session.is_live(now) {
            return Err(AuthenticateError::Revoked);
        }
        let session = AuthenticatedSession {
            id: token.session,
            authenticated_at: session.authenticated_at,
        };
        Ok(Authenticated {
            user,
            session,
            requires_verified_email: self.config().require_verified_email,
        })
    }

    fn verify_access_token(
        &self,
        access_token: &str,
        now: Timestamp,
    ) -> Result<VerifiedToken, AuthenticateError> {
        if let Some(token) = self.caches().find_token(access_token) {
            return check_times(token, now);
        }
        let expectations = Expectations {
            issuer: &self.config().issuer,
            audience: self.config().audience.as_deref(),
            now: now.as_seconds(),
            leeway: 0,
        };
        let key = &self.keys().access_tokens;
        let claims = AccessClaims::verify(key, access_token, &expectations)
            .map_err(AuthenticateError::Token)?;
        let verified = VerifiedToken {
            user: self.read_subject(&claims.sub)?,
            session: SessionId::from_uuid(claims.sid),
            not_before: from_seconds(claims.nbf),
            expires_at: from_seconds(claims.exp),
        };
        self.caches().fill_token(access_token, verified);
        Ok(verified)
    }

    /// The account that a token names by its id. A name is not looked at: it may be another's
    /// by now, or look like another's id.
    fn read_subject(&self, subject: &str) -> Result<Option<UserId>, AuthenticateError> {
        match self.config().token_subject {
            TokenSubject::UserId => subject
                .parse()
                .map(Some)
                .map_err(|_| AuthenticateError::Token(TokenError::Malformed)),
            TokenSubject::Username | TokenSubject::Email => Ok(None),
        }
    }

    async fn find_session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<CachedSession, AuthenticateError> {
        // A refresh moves the end of a session without telling the cache.
        let session = match self.caches().find_session(id) {
            Some(session) if session.is_live(now) || session.revoked => Some(session),
            _ => self.load_session(id).await?,
        };
        session.ok_or(AuthenticateError::Revoked)
    }

    async fn load_session(&self, id: SessionId) -> Result<Option<CachedSession>, Failure> {
        let ticket = self.caches().begin_session(id);
        let found = self
            .database()
            .read(move |tx| Box::pin(async move { sessions::find(tx, id).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let Some(record) = found else { return Ok(None) };
        let session = CachedSession {
            user: record.user_id,
            authenticated_at: record.authenticated_at,
            expires_at: record.expires_at,
            revoked: record.revoked_at.is_some(),
        };
        self.caches().fill_session(id, session, ticket);
        Ok(Some(session))
    }

    pub(crate) async fn find_active_user(
        &self,
        id: UserId,
    ) -> Result<Arc<UserSnapshot>, AuthenticateError> {
        match self.find_cached_user(id).await? {
            Some(user) if user.is_active() => Ok(user),
            Some(_) => Err(AuthenticateError::Inactive),
            None => Err(AuthenticateError::Revoked),
        }
    }

    /// The account as it is at this moment, from the cache or the database.
    pub(crate) async fn find_cached_user(
        &self,
        id: UserId,
    ) -> Result<Option<Arc<UserSnapshot>>, Failure> {
        if let Some(user) = self.caches().find_user(id) {
            return Ok(Some(user));
        }
        // Drawn before the roles are looked up: what they permit is part of the account.
        let ticket = self.caches().begin_user(id);
        let catalogue = self.role_catalogue().await?;
        let found = self
            .database()
            .read(move |tx| Box::pin(async move { users::find(tx, id).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let Some(record) = found else { return Ok(None) };
        let user = Arc::new(UserSnapshot::new(record.into_user(&catalogue)));
        self.caches().fill_user(Arc::clone(&user), ticket);
        Ok(Some(user))
    }
}

/// A good signature stays good; the times have to be looked at each time.
fn check_times(token: VerifiedToken, now: Timestamp) -> Result<VerifiedToken, AuthenticateError> {
    if now >= token.expires_at {
        return Err(AuthenticateError::Token(TokenError::Expired));
    }
    if now < token.not_before {
        return Err(AuthenticateError::Token(TokenError::NotYetValid));
    }
    Ok(token)
}

fn from_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
}
