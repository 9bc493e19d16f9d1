//! What every request pays: from an access token to the account behind it.

use std::sync::Arc;

use doorward_protocol::claims::{AccessClaims, Expectations, TokenError};

use crate::cache::{CachedSession, VerifiedToken};
use crate::domain::account::{TokenSubject, UserSnapshot};
use crate::domain::caller::{Authenticated, AuthenticatedSession};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, UserId};
use crate::engine::Engine;
use crate::ops::cached::{
    NoActiveUser, check_active, find_session_and_user, load_session_and_user,
};
use crate::ops::failing::fails_internally;

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

impl From<NoActiveUser> for AuthenticateError {
    fn from(reason: NoActiveUser) -> Self {
        match reason {
            NoActiveUser::Inactive => Self::Inactive,
            NoActiveUser::NotFound => Self::Revoked,
            NoActiveUser::Internal(failure) => Self::Internal(failure),
        }
    }
}

/// Finds the account that an access token speaks for.
pub(crate) async fn authenticate(
    engine: &Arc<Engine>,
    access_token: &str,
) -> Result<Authenticated, AuthenticateError> {
    let now = engine.now();
    let token = verify_access_token(engine, access_token, now)?;
    let (mut session, mut user) = check_known(find_session_and_user(engine, token.session).await?)?;
    if token.user.is_some_and(|user| user != session.user) {
        return Err(AuthenticateError::Revoked);
    }
    if session.epoch != user.session_epoch() {
        // One of the two may have been cached before all other sessions of the account ended.
        (session, user) = check_known(load_session_and_user(engine, token.session).await?)?;
    }
    if !session.is_live(user.session_epoch(), now) {
        return Err(AuthenticateError::Revoked);
    }
    let session = AuthenticatedSession {
        id: token.session,
        authenticated_at: session.authenticated_at,
    };
    Ok(Authenticated {
        user,
        session,
        requires_verified_email: engine.config().require_verified_email,
    })
}

/// Returns the session and its account, which must be active: a deactivation also ends the
/// sessions, and is the reason to report.
fn check_known(
    found: Option<(CachedSession, Option<Arc<UserSnapshot>>)>,
) -> Result<(CachedSession, Arc<UserSnapshot>), AuthenticateError> {
    let (session, user) = found.ok_or(AuthenticateError::Revoked)?;
    Ok((session, check_active(user)?))
}

fn verify_access_token(
    engine: &Arc<Engine>,
    access_token: &str,
    now: Timestamp,
) -> Result<VerifiedToken, AuthenticateError> {
    let removals = engine.key_ring().removals();
    if let Some(token) = engine.caches().find_token(access_token, removals) {
        return check_times(token, now);
    }
    // What these keys verify is cached with their count of removals: if a key is removed
    // meanwhile, the entry does not count.
    let keys = engine.keys();
    let expectations = Expectations {
        issuer: &engine.config().issuer,
        audience: engine.config().audience.as_deref(),
        now: now.as_seconds(),
        leeway: 0,
    };
    let claims = keys
        .access_tokens
        .verify(|key| AccessClaims::verify(key, access_token, &expectations))
        .map_err(AuthenticateError::Token)?;
    let verified = VerifiedToken {
        user: read_subject(engine, &claims.sub)?,
        session: SessionId::from_uuid(claims.sid),
        not_before: from_seconds(claims.nbf),
        expires_at: from_seconds(claims.exp),
    };
    engine
        .caches()
        .fill_token(access_token, verified, keys.removals);
    Ok(verified)
}

/// The account that a token names by its id. A name is not looked at: it may be another's
/// by now, or look like another's id.
fn read_subject(engine: &Arc<Engine>, subject: &str) -> Result<Option<UserId>, AuthenticateError> {
    match engine.config().token_subject {
        TokenSubject::UserId => subject
            .parse()
            .map(Some)
            .map_err(|_| AuthenticateError::Token(TokenError::Malformed)),
        TokenSubject::Username | TokenSubject::Email => Ok(None),
    }
}

/// Checks the times of a verified token, which must be done at each use.
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
