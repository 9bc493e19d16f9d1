//! Showing once more who one is, before something that can't be undone.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::{TurnRefused, count_failure, fails_by_turn, wait_for_turn};
use crate::domain::audit::{Action, Record};
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::password::{Password, PasswordHash};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::lockout::Turn;
use crate::lockout::subject::own_password;
use crate::ops::failing::fails_internally;
use crate::store::db::StoreError;
use crate::store::{login_failures, passwords};

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

/// Whether the owner of the account showed a password in this session no longer ago than
/// this.
pub(crate) fn has_recent_login(
    engine: &Arc<Engine>,
    who: &Authenticated,
    within: Duration,
) -> bool {
    let (now, shown) = (engine.now(), who.session.authenticated_at);
    // A clock that was set back must not make an old login recent.
    shown <= now && now.since(shown) <= within
}

pub(crate) async fn reauthenticate(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    proof: &Reauthentication,
) -> Result<(), ReauthenticationError> {
    let Some(password) = &proof.password else {
        return if has_recent_login(engine, who, RECENT) {
            Ok(())
        } else {
            Err(ReauthenticationError::Required)
        };
    };
    let refusal = audit_record(engine, Action::Reauthentication, caller)
        .on(who.user.id)
        .refused("password_incorrect");
    verify_own_password(engine, who.user.id, password.clone(), refusal)
        .await?
        .map(drop)
        .ok_or(ReauthenticationError::Incorrect)
}

/// The hash that the password was found to belong to; `None` where it is another one,
/// which is counted and written down as `refusal`.
///
/// Whoever found a browser open has no more guesses than whoever logs in.
pub(crate) async fn verify_own_password(
    engine: &Arc<Engine>,
    user: UserId,
    password: Password,
    refusal: Record,
) -> Result<Option<PasswordHash>, TurnRefused> {
    let subject = own_password(engine.keys().fingerprints()?, user);
    // Held until what the attempt came to is written down.
    let turn = wait_for_turn(engine, subject).await?;
    let stored = engine
        .database()
        .read(move |tx| Box::pin(async move { passwords::find(tx, user).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let verdict = engine
        .hasher()
        .verify(password, stored.clone())
        .await
        .map_err(Failure::from)?;
    if !verdict.is_match() {
        count_failure(engine, &turn, Some(user), refusal).await?;
        return Ok(None);
    }
    if turn.failures() > 0 {
        forget_failures(engine, &turn).await?;
    }
    Ok(stored)
}

async fn forget_failures(engine: &Arc<Engine>, turn: &Turn) -> Result<(), Failure> {
    let subject = turn.subject();
    engine
        .database()
        .write(move |tx| Box::pin(async move { login_failures::clear(tx, subject).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
