//! The ends of sessions: logout, here or everywhere, and the end of another of one's own.

use std::sync::Arc;

use crate::domain::audit::Action;
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, UserId};
use crate::domain::one_time_token::TokenPurpose;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::failing::fails_internally;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, sessions, tokens, users};

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

/// Ends the session that an access token belongs to, at once: logout.
pub(crate) async fn logout(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
) -> Result<(), Failure> {
    let (user, session, now) = (who.user.id, who.session.id, engine.now());
    let record = audit_record(engine, Action::Logout, caller)
        .on(user)
        .in_session(session);
    engine
        .database()
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
pub(crate) async fn end_all_sessions(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    keep_this_one: bool,
) -> Result<(), Failure> {
    let (user, now) = (who.user.id, engine.now());
    let kept = keep_this_one.then_some(who.session.id);
    let record = audit_record(engine, Action::SessionRevoked, caller).on(user);
    engine
        .database()
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
pub(crate) async fn end_session(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    session: SessionId,
) -> Result<(), EndSessionError> {
    let (user, now) = (who.user.id, engine.now());
    let record = audit_record(engine, Action::SessionRevoked, caller)
        .on(user)
        .in_session(session);
    engine
        .database()
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

/// Who ends other sessions may be shutting an intruder out, who may have asked for another
/// address: it must not become the account's any more.
async fn forget_new_address(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tokens::revoke(tx, user, TokenPurpose::EmailChange).await
}

/// Ends all sessions of an account but `kept`, at a cost that does not depend on their number.
pub(crate) async fn end_sessions(
    tx: &mut Tx<'_>,
    user: UserId,
    kept: Option<SessionId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(epoch) = users::end_sessions(tx, user, now).await? else {
        return Ok(());
    };
    // The account before the session: a request that sees the kept session in its new epoch must
    // also see the new epoch of the account.
    tx.changed(Change::User(user));
    if let Some(kept) = kept
        && sessions::move_to_epoch(tx, kept, user, epoch).await?
    {
        tx.changed(Change::Session(kept));
    }
    Ok(())
}
