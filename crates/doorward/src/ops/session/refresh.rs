//! Refresh: one live token in a family, rotated at each use (RFC 9700 §4.14.2).

use std::sync::Arc;

use doorward_protocol::claims::{Expectations, RefreshClaims, TokenError};

use super::issue::issue_tokens;
use super::{SessionTokens, TokenPair};
use crate::domain::account::UserSnapshot;
use crate::domain::audit::{Action, Record};
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, TokenId, UserId};
use crate::domain::limits::{LimitClass, Throttled};
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::engine::limits::{check_account_limit, check_network_limit};
use crate::ops::cached::{NoActiveUser, find_active_user};
use crate::ops::failing::fails_internally;
use crate::ops::mail::letter::tell;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::token_families::{self, Rotation};
use crate::store::{audit, sessions, users};

/// Why a refresh token was refused.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token itself is no good, or no longer.
    #[error(transparent)]
    Token(TokenError),
    /// The session has ended, or the account is deactivated or gone.
    #[error("the session has ended")]
    Revoked,
    /// The token was used before: its session was ended, because one of the two who
    /// have it must have stolen it.
    #[error("the token was used before; its session was ended")]
    Reused,
    /// The network or the account asks too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database did not answer.
    #[error("the token could not be exchanged")]
    Internal(#[source] Failure),
}

fails_internally!(RefreshError);

/// What a presented token turns out to be, when it is not the live one of a live session.
enum Stale {
    /// The previous one, presented again soon enough: its successor is issued once more.
    Retry(SessionTokens),
    /// An old one: the session was ended.
    Reuse,
    /// One of a session that ended, expired or never was.
    Dead,
}

/// Exchanges a refresh token for a new pair of tokens.
pub(crate) async fn refresh(
    engine: &Arc<Engine>,
    refresh_token: &str,
    caller: &Caller,
) -> Result<TokenPair, RefreshError> {
    check_network_limit(engine, LimitClass::Refresh, caller).await?;
    let claims = verify_refresh_token(engine, refresh_token)?;
    // Whose account it is, only a good signature tells: nobody uses up another's limit.
    let account = parse_subject(&claims)?;
    check_account_limit(engine, LimitClass::Refresh, caller, &account.to_string()).await?;
    let user = find_user_to_refresh(engine, account).await?;
    let step = next_step(engine, &claims, user.id);
    // Before the token is used up: where none can be issued, it is as good as before.
    let issued = issue_tokens(engine, &user, &SessionTokens::after(&step))?;
    if rotate(engine, step).await? {
        return Ok(issued);
    }
    match judge_stale_token(engine, step, caller).await? {
        Stale::Retry(tokens) => Ok(issue_tokens(engine, &user, &tokens)?),
        Stale::Reuse => Err(RefreshError::Reused),
        Stale::Dead => Err(RefreshError::Revoked),
    }
}

fn verify_refresh_token(
    engine: &Arc<Engine>,
    refresh_token: &str,
) -> Result<RefreshClaims, RefreshError> {
    let expectations = Expectations {
        issuer: &engine.config().issuer,
        audience: None,
        now: engine.now().as_seconds(),
        leeway: 0,
    };
    engine
        .keys()
        .refresh_tokens
        .verify(|key| RefreshClaims::verify(key, refresh_token, &expectations))
        .map_err(RefreshError::Token)
}

async fn find_user_to_refresh(
    engine: &Arc<Engine>,
    id: UserId,
) -> Result<Arc<UserSnapshot>, RefreshError> {
    find_active_user(engine, id)
        .await
        .map_err(|reason| match reason {
            NoActiveUser::Internal(failure) => RefreshError::Internal(failure),
            NoActiveUser::Inactive | NoActiveUser::NotFound => RefreshError::Revoked,
        })
}

fn next_step(engine: &Arc<Engine>, claims: &RefreshClaims, user: UserId) -> Rotation {
    let now = engine.now();
    Rotation {
        session: SessionId::from_uuid(claims.sid),
        user,
        presented: TokenId::from_uuid(claims.jti),
        successor: TokenId::generate(now, engine.entropy()),
        now,
        expires_at: now + engine.config().refresh_token_ttl,
    }
}

/// The one row that a refresh writes; whoever comes second finds it changed.
async fn rotate(engine: &Arc<Engine>, step: Rotation) -> Result<bool, RefreshError> {
    engine
        .database()
        .write_single(move |tx| Box::pin(async move { token_families::rotate(tx, &step).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn judge_stale_token(
    engine: &Arc<Engine>,
    step: Rotation,
    caller: &Caller,
) -> Result<Stale, RefreshError> {
    let retry = engine.config().refresh_retry;
    let record = audit_record(engine, Action::RefreshTokenReused, caller)
        .on(step.user)
        .in_session(step.session)
        .refused("reused");
    let (owned, caller) = (Arc::clone(engine), caller.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                let family =
                    token_families::find_live(tx, step.session, step.user, step.now).await?;
                let Some(family) = family else {
                    return Ok(Stale::Dead);
                };
                // A clock that was set back must not stretch the time for retries.
                let age = step
                    .now
                    .since(family.rotated_at)
                    .max(family.rotated_at.since(step.now));
                if family.previous_jti == Some(step.presented) && age <= retry {
                    return Ok(Stale::Retry(SessionTokens::of(&family)));
                }
                end_for_reuse(tx, &step, &record).await?;
                tell_of_reuse(&owned, tx, &step, &caller).await?;
                Ok(Stale::Reuse)
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}

async fn tell_of_reuse(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    step: &Rotation,
    caller: &Caller,
) -> Result<(), StoreError> {
    let owner = users::find(tx, step.user).await?;
    let to = owner.as_ref().and_then(Recipient::of_record);
    let facts = MailFacts::of_event(&caller.origin, step.now);
    let notice = MailKind::TokenReused;
    tell(engine, tx, to, notice, facts, &caller.origin).await
}

fn parse_subject(claims: &RefreshClaims) -> Result<UserId, RefreshError> {
    claims
        .sub
        .parse()
        .map_err(|_| RefreshError::Token(TokenError::Malformed))
}

async fn end_for_reuse(
    tx: &mut Tx<'_>,
    step: &Rotation,
    record: &Record,
) -> Result<(), StoreError> {
    sessions::revoke(tx, step.session, step.user, step.now).await?;
    tx.changed(Change::Session(step.session));
    audit::insert(tx, record).await
}
