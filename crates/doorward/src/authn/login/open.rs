//! The session that a proven login opens.

use std::sync::Arc;

use super::{LoginError, ProvenLogin};
use crate::account::UserSnapshot;
use crate::audit::Action;
use crate::authn::lockout::{OriginFingerprints, Turn};
use crate::authn::password::PasswordHash;
use crate::authz::Caller;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::id::SessionId;
use crate::mail::{MailFacts, MailKind};
use crate::session::{SessionTokens, TokenPair};
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, known_origins, login_failures, passwords, sessions, users};

/// How often it is written down that a network or a device was seen again.
const SEEN_AGAIN: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

impl Doorward {
    /// Opens a session for a proven login, all in one transaction; `None` where the proof
    /// no longer holds.
    ///
    /// The tokens are issued first: where there can be none, there is no session either.
    pub(super) async fn open_session(
        &self,
        login: ProvenLogin,
        upgrade: Option<PasswordHash>,
        user: Arc<UserSnapshot>,
        (caller, turn): (&Caller, &Turn),
    ) -> Result<Option<Opened>, LoginError> {
        let session = self.new_session(user.id, caller);
        let (id, tokens) = (session.id, SessionTokens::of(&session));
        let tokens = self.issue_tokens(&user, &tokens)?;
        let record = self
            .record(Action::Login, caller)
            .on(user.id)
            .in_session(session.id);
        let failed = (turn.failures() > 0).then(|| turn.subject());
        let (engine, caller, owner) = (self.clone(), caller.clone(), Arc::clone(&user));
        let opened = self
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    // Holds the account's row: a password change or a deactivation that is
                    // under way is over before the next line, or waits.
                    if !users::record_login(tx, login.user, session.created_at).await?
                        || passwords::find(tx, login.user).await?.as_ref() != Some(&login.hash)
                    {
                        return Err(NotOpened::ProofOutdated);
                    }
                    if let Some(new) = &upgrade {
                        passwords::upgrade(tx, login.user, &login.hash, new).await?;
                    }
                    if let Some(subject) = failed {
                        login_failures::clear(tx, subject).await?;
                    }
                    sessions::insert(tx, &session).await?;
                    audit::insert(tx, &record).await?;
                    engine
                        .note_origin(tx, &owner, &caller, session.created_at)
                        .await?;
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

    /// Remembers where an account is used from, and tells its owner of a place that is new;
    /// of the first one they know.
    pub(crate) async fn note_origin(
        &self,
        tx: &mut Tx<'_>,
        owner: &UserSnapshot,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let origin = OriginFingerprints::of(&self.keys().fingerprints, &caller.origin);
        let unknown = || self.keys().fingerprints.of("network", &[]);
        let pair = (origin.network.unwrap_or_else(unknown), origin.device);
        let is_new = known_origins::note(tx, owner.id, pair, now, now - SEEN_AGAIN).await?;
        if !is_new || owner.last_login_at.is_none() {
            return Ok(());
        }
        let facts = MailFacts::of_event(&caller.origin, now);
        let (to, notice) = (owner.recipient(), MailKind::NewLogin);
        self.tell(tx, to, notice, facts, &caller.origin).await
    }
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
