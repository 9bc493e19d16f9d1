//! One's own sessions.

use crate::authn::Authenticated;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::SessionId;
use crate::store::db::StoreError;
use crate::store::sessions::{self, SessionRecord};

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
    fn from_record(record: SessionRecord, current: SessionId) -> Self {
        Self {
            is_current: record.id == current,
            id: record.id,
            created_at: record.created_at,
            last_used_at: record.last_used_at,
            expires_at: record.expires_at,
            ip: record.ip,
            user_agent: record.user_agent,
        }
    }
}

impl Doorward {
    /// Lists the live sessions of whoever asks, the newest first, a thousand at the most.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.login_as("user").await;
    /// # let who = auth.login_as("user").await.who;
    /// let sessions = auth.list_sessions(&who).await?;
    /// assert_eq!(sessions.len(), 2);
    /// assert_eq!((sessions[0].id, sessions[0].is_current), (who.session.id, true));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_sessions(&self, who: &Authenticated) -> Result<Vec<Session>, Failure> {
        let (user, now) = (who.user.id, self.now());
        let records = self
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
}
