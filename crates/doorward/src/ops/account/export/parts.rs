//! What an export is made of.

use crate::domain::authz::RoleName;
use crate::domain::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::store::login_failures::FailureRecord;
use crate::store::sessions::UsedSession;
use crate::store::tokens::ListedToken;

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedRole {
    /// The role.
    pub role: RoleName,
    /// Since when the account has it.
    pub granted_at: Timestamp,
}

/// A session of an account, whether it has ended or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedSession {
    /// The id, the `sid` of its tokens.
    pub id: SessionId,
    /// When it was opened by a login.
    pub created_at: Timestamp,
    /// When the password was last shown in it.
    pub authenticated_at: Timestamp,
    /// When it was last refreshed, or opened.
    pub last_used_at: Timestamp,
    /// When it ends or ended if it is not refreshed.
    pub expires_at: Timestamp,
    /// When it was ended before that, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The address of the client that opened it.
    pub ip: Option<String>,
    /// What that client said it was.
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// A network or a device that an account was used from. What is kept of it is a keyed hash, by
/// which it is known again and not told what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedOrigin {
    /// When the account was first used from there.
    pub first_seen_at: Timestamp,
    /// When it was last used from there, to the day.
    pub last_seen_at: Timestamp,
}

/// Failed logins in a row, of those that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedLoginFailures {
    /// How many there were.
    pub failures: u32,
    /// When the last one was.
    pub last_failed_at: Timestamp,
    /// Until when logins are locked, or were last.
    pub locked_until: Option<Timestamp>,
}

/// A one-time token that was mailed. The token itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedToken {
    /// What it is good for: `password_reset`, `email_verification` or `email_change`.
    pub purpose: String,
    /// The address that it was mailed to.
    pub email: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is worth nothing any more.
    pub expires_at: Timestamp,
}

impl ExportedSession {
    pub(super) fn from_record(record: UsedSession, current: SessionId) -> Self {
        Self {
            is_current: record.session.id == current,
            id: record.session.id,
            created_at: record.session.created_at,
            authenticated_at: record.session.authenticated_at,
            last_used_at: record.last_used_at,
            expires_at: record.expires_at,
            revoked_at: record.session.revoked_at,
            ip: record.session.ip,
            user_agent: record.session.user_agent,
        }
    }
}

impl From<ListedToken> for ExportedToken {
    fn from(record: ListedToken) -> Self {
        Self {
            purpose: record.purpose,
            email: record.email,
            created_at: record.created_at,
            expires_at: record.expires_at,
        }
    }
}

impl From<FailureRecord> for ExportedLoginFailures {
    fn from(record: FailureRecord) -> Self {
        let was_locked = record.locked_until > Timestamp::from_millis(0);
        Self {
            failures: u32::try_from(record.failures).unwrap_or(u32::MAX),
            last_failed_at: record.last_failed_at,
            locked_until: was_locked.then_some(record.locked_until),
        }
    }
}

pub(super) fn roles(grants: Vec<(RoleName, Timestamp)>) -> Vec<ExportedRole> {
    grants
        .into_iter()
        .map(|(role, granted_at)| ExportedRole { role, granted_at })
        .collect()
}

pub(super) fn origins(seen: Vec<(Timestamp, Timestamp)>) -> Vec<ExportedOrigin> {
    seen.into_iter()
        .map(|(first_seen_at, last_seen_at)| ExportedOrigin {
            first_seen_at,
            last_seen_at,
        })
        .collect()
}
