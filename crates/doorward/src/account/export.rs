//! Everything that is held about an account, for its owner (GDPR, article 15).

use super::User;
use crate::audit::{Action, AuditEvent};
use crate::authn::Authenticated;
use crate::authz::Caller;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::session::Session;
use crate::store::audit;
use crate::store::db::StoreError;

/// The most events that one export holds, the newest.
const MOST_EVENTS: i64 = 10_000;

/// Everything that is held about an account, less the hash of its password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// When it was put together.
    pub exported_at: Timestamp,
    /// The account.
    pub user: User,
    /// Its live sessions.
    pub sessions: Vec<Session>,
    /// What it did and what was done to it, the oldest first; the latest
    /// ten thousand at the most.
    pub events: Vec<AuditEvent>,
}

impl Doorward {
    /// Puts together everything that is held about the account of whoever asks.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn export_own_data(
        &self,
        who: &Authenticated,
        caller: &Caller,
    ) -> Result<Export, Failure> {
        let id = who.user.id;
        // One at a time: each may be as large as all that its owner ever did.
        let _turn = self.wait_for_export().await?;
        let sessions = self.list_sessions(who).await?;
        self.note(self.record(Action::UserExported, caller).on(id))
            .await?;
        let events = self
            .database()
            .read(move |tx| Box::pin(async move { audit::list_about(tx, id, MOST_EVENTS).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(Export {
            exported_at: self.now(),
            user: User::clone(&who.user),
            sessions,
            events: events
                .into_iter()
                .rev()
                .map(|event| without_others(event, id))
                .collect(),
        })
    }
}

/// Where somebody else acted, who it was and from where is theirs.
fn without_others(event: AuditEvent, owner: crate::id::UserId) -> AuditEvent {
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
