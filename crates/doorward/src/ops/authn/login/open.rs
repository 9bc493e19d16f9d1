//! The session that a proven login opens.

use std::sync::Arc;

use super::{LoginError, ProvenLogin};
use crate::domain::account::UserSnapshot;
use crate::domain::audit::Action;
use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::password::PasswordHash;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::lockout::{OriginFingerprints, Turn};
use crate::ops::mail::letter::tell;
use crate::ops::session::issue::{insert_session, issue_tokens, new_session};
use crate::ops::session::{SessionTokens, TokenPair};
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, known_origins, login_failures, passwords, users};

/// How often it is written down that a network or a device was seen again.
const SEEN_AGAIN: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Opens a session for a proven login, all in one transaction; `None` where the proof
/// no longer holds.
///
/// The tokens are issued first: where there can be none, there is no session either.
pub(super) async fn open_session(
    engine: &Arc<Engine>,
    login: ProvenLogin,
    upgrade: Option<PasswordHash>,
    user: Arc<UserSnapshot>,
    (caller, turn): (&Caller, &Turn),
) -> Result<Option<Opened>, LoginError> {
    let (mut session, family) = new_session(engine, user.id, caller);
    let (id, tokens) = (session.id, SessionTokens::of(&family));
    let tokens = issue_tokens(engine, &user, &tokens)?;
    let kept = engine.config().sessions_per_account;
    let record = audit_record(engine, Action::Login, caller)
        .on(user.id)
        .in_session(session.id);
    let failed = (turn.failures() > 0).then(|| turn.subject());
    let (owned, caller, owner) = (Arc::clone(engine), caller.clone(), Arc::clone(&user));
    let opened = engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                // Locks the account's row: a concurrent password change, deactivation or end
                // of all sessions is committed before the next line, or waits.
                let epoch = users::record_login(tx, login.user, session.created_at).await?;
                let is_proven =
                    passwords::find(tx, login.user).await?.as_ref() == Some(&login.hash);
                session.epoch = epoch
                    .filter(|_| is_proven)
                    .ok_or(NotOpened::ProofOutdated)?;
                if let Some(new) = &upgrade {
                    passwords::upgrade(tx, login.user, &login.hash, new).await?;
                }
                if let Some(subject) = failed {
                    login_failures::clear(tx, subject).await?;
                }
                insert_session(tx, &session, &family, kept).await?;
                audit::insert(tx, &record).await?;
                note_origin(&owned, tx, &owner, &caller, session.created_at).await?;
                tx.changed(Change::User(login.user));
                Ok(())
            })
        })
        .await;
    match opened {
        Ok(()) => Ok(Some(Opened {
            user,
            session: id,
            tokens,
        })),
        Err(NotOpened::ProofOutdated) => Ok(None),
        Err(NotOpened::Failed(error)) => Err(error.into()),
    }
}

/// Records the network and the device of a login, and notifies the owner if one of them is new.
///
/// The first login of an account causes no notice. Neither does the first login after the key of
/// the recorded origins was lost, because then every origin looks new.
pub(crate) async fn note_origin(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    owner: &UserSnapshot,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), StoreError> {
    let keys = engine.keys();
    let origin = OriginFingerprints::of(&keys, &caller.origin)?;
    let network = match origin.network {
        Some(network) => network,
        None => keys.fingerprints()?.of("network", &[]),
    };
    let seen = (origin.key, network, origin.device);
    let is_new = known_origins::record(tx, owner.id, seen, now, now - SEEN_AGAIN).await?;
    if !is_new || owner.last_login_at.is_none() {
        return Ok(());
    }
    let facts = MailFacts::of_event(&caller.origin, now);
    let (to, notice) = (Recipient::of_user(owner), MailKind::NewLogin);
    tell(engine, tx, to, notice, facts, &caller.origin).await
}

/// A session that a login has opened.
#[derive(Debug)]
pub(super) struct Opened {
    /// Whose it is, as the account was before.
    pub(super) user: Arc<UserSnapshot>,
    pub(super) session: SessionId,
    pub(super) tokens: TokenPair,
}

/// Why a proven login opened no session.
enum NotOpened {
    /// The account, or its password's hash, was changed since it was looked at.
    ProofOutdated,
    Failed(StoreError),
}

impl From<StoreError> for NotOpened {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}
