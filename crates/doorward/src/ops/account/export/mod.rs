//! Everything that is held about an account, for its owner (GDPR, article 15).

mod parts;

use std::sync::Arc;

use crate::domain::account::User;
use crate::domain::audit::{Action, AuditEvent};
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, UserId};
use crate::domain::jobs::Queue;
use crate::engine::Engine;
use crate::engine::audit::{audit_record, insert_audit_event};
use crate::ops::mail::MailInOutbox;
use crate::store::db::{StoreError, Tx};
use crate::store::{
    audit, jobs, known_origins, login_failures, passwords, roles, sessions, tokens,
};

pub use parts::{
    ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
};

/// The most rows of one kind that one export holds, the newest.
const MOST: i64 = 10_000;

/// Everything that is held about an account, less what proves who somebody is: the hash of
/// its password, and its tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// When it was put together.
    pub exported_at: Timestamp,
    /// The account.
    pub user: User,
    /// When its password was last set; `None` where it has none.
    pub password_changed_at: Option<Timestamp>,
    /// Its roles, and since when it has each.
    pub roles: Vec<ExportedRole>,
    /// Its sessions, the newest first, those that ended too for as long as they are kept.
    pub sessions: Vec<ExportedSession>,
    /// The networks and devices that it was used from.
    pub known_origins: Vec<ExportedOrigin>,
    /// Failed logins in a row that still count.
    pub login_failures: Vec<ExportedLoginFailures>,
    /// One-time tokens that were mailed and not used yet.
    pub one_time_tokens: Vec<ExportedToken>,
    /// Mails that are on their way to it, or could not be sent.
    pub mails: Vec<MailInOutbox>,
    /// What it did and what was done to it, the oldest first; the latest
    /// ten thousand at the most.
    pub events: Vec<AuditEvent>,
}

/// What the tables hold beside the account itself.
#[derive(Debug)]
struct Held {
    password_changed_at: Option<Timestamp>,
    roles: Vec<ExportedRole>,
    sessions: Vec<ExportedSession>,
    known_origins: Vec<ExportedOrigin>,
    login_failures: Vec<ExportedLoginFailures>,
    one_time_tokens: Vec<ExportedToken>,
    mails: Vec<MailInOutbox>,
    events: Vec<AuditEvent>,
}

/// Puts together everything that is held about the account of whoever asks.
pub(crate) async fn export_own_data(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
) -> Result<Export, Failure> {
    let (user, session) = (who.user.id, who.session.id);
    // One at a time: each may be as large as all that its owner ever did.
    let _turn = engine.wait_for_export().await?;
    insert_audit_event(
        engine,
        audit_record(engine, Action::UserExported, caller).on(user),
    )
    .await?;
    let held = engine
        .database()
        .read(move |tx| Box::pin(async move { Held::find(tx, user, session).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(Export {
        exported_at: engine.now(),
        user: User::clone(&who.user),
        password_changed_at: held.password_changed_at,
        roles: held.roles,
        sessions: held.sessions,
        known_origins: held.known_origins,
        login_failures: held.login_failures,
        one_time_tokens: held.one_time_tokens,
        mails: held.mails,
        events: held.events,
    })
}

impl Held {
    async fn find(tx: &mut Tx<'_>, user: UserId, current: SessionId) -> Result<Self, StoreError> {
        let sessions = sessions::list(tx, user, MOST).await?;
        let failures = login_failures::list_of(tx, user).await?;
        let tokens = tokens::list_of(tx, user).await?;
        let mails = jobs::list_of(tx, Queue::Mail, user, MOST).await?;
        let events = audit::list_about(tx, user, MOST).await?;
        Ok(Self {
            password_changed_at: passwords::changed_at(tx, user).await?,
            roles: parts::roles(roles::list_grants(tx, user).await?),
            sessions: sessions
                .into_iter()
                .map(|record| ExportedSession::from_record(record, current))
                .collect(),
            known_origins: parts::origins(known_origins::list(tx, user).await?),
            login_failures: failures.into_iter().map(Into::into).collect(),
            one_time_tokens: tokens.into_iter().map(Into::into).collect(),
            mails: mails.into_iter().map(Into::into).collect(),
            events: events
                .into_iter()
                .rev()
                .map(|event| without_others(event, user))
                .collect(),
        })
    }
}

/// Where somebody else acted, who it was and from where is theirs.
fn without_others(event: AuditEvent, owner: UserId) -> AuditEvent {
    if event.actor_id.is_none_or(|actor| actor == owner) {
        return event;
    }
    AuditEvent {
        actor_id: None,
        session_id: None,
        request_id: None,
        ip: None,
        user_agent: None,
        ..event
    }
}
