//! One's own sessions.

use std::sync::Arc;

use crate::domain::caller::Authenticated;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::SessionId;
use crate::engine::Engine;
use crate::store::db::StoreError;
use crate::store::sessions::{self, UsedSession};

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The id, the `sid` of its tokens.
    pub id: SessionId,
    /// When it was opened by a login.
    pub created_at: Timestamp,
    /// When it was last refreshed, or opened.
    pub last_used_at: Timestamp,
    /// When it ends if it is not refreshed.
    pub expires_at: Timestamp,
    /// The address of the client that opened it.
    pub ip: Option<String>,
    /// What that client said it was.
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl Session {
    fn from_record(record: UsedSession, current: SessionId) -> Self {
        Self {
            is_current: record.session.id == current,
            id: record.session.id,
            created_at: record.session.created_at,
            last_used_at: record.last_used_at,
            expires_at: record.expires_at,
            ip: record.session.ip,
            user_agent: record.session.user_agent,
        }
    }
}

/// Lists the live sessions of whoever asks, the newest first, a thousand at the most.
pub(crate) async fn list_sessions(
    engine: &Arc<Engine>,
    who: &Authenticated,
) -> Result<Vec<Session>, Failure> {
    let (user, now) = (who.user.id, engine.now());
    let records = engine
        .database()
        .read(move |tx| Box::pin(async move { sessions::list_live(tx, user, now).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let current = who.session.id;
    Ok(records
        .into_iter()
        .map(|record| Session::from_record(record, current))
        .collect())
}
