//! The export as it is sent.

use doorward::{
    Export, ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
    MailInOutbox,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::audit_events::AuditEventBody;
use crate::wire::{UserBody, rfc3339};

/// Everything that is held about an account, less the hash of its password and its tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportBody {
    /// When it was put together.
    #[schema(format = DateTime)]
    exported_at: String,
    /// The account.
    user: UserBody,
    /// When its password was last set; null where it has none.
    #[schema(required, format = DateTime)]
    password_changed_at: Option<String>,
    /// Its roles, and since when it has each.
    roles: Vec<ExportedRoleBody>,
    /// Its sessions, the newest first, those that ended too for as long as they are kept.
    sessions: Vec<ExportedSessionBody>,
    /// The networks and devices that it was used from, as far as they are told: what is kept
    /// of each is a keyed hash.
    known_origins: Vec<ExportedOriginBody>,
    /// Failed logins in a row that still count.
    login_failures: Vec<ExportedLoginFailuresBody>,
    /// One-time tokens that were mailed and not used yet, without the tokens themselves.
    one_time_tokens: Vec<ExportedTokenBody>,
    /// Mails that are on their way to it, or could not be sent.
    mails: Vec<ExportedMailBody>,
    /// What it did and what was done to it, the oldest first; the latest
    /// ten thousand at the most.
    audit_events: Vec<AuditEventBody>,
}

/// A role of the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedRole)]
struct ExportedRoleBody {
    /// The role.
    role: String,
    /// Since when the account has it.
    #[schema(format = DateTime)]
    granted_at: String,
}

/// A session, whether it has ended or not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedSession)]
struct ExportedSessionBody {
    /// The id, the `sid` of its tokens.
    id: Uuid,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the password was last shown in it.
    #[schema(format = DateTime)]
    authenticated_at: String,
    /// When it was last refreshed, or opened.
    #[schema(format = DateTime)]
    last_used_at: String,
    /// When it ends, or ended, if it is not refreshed.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was ended before that; null where it was not.
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
    /// The address that it was opened from.
    #[schema(required, example = "203.0.113.7")]
    ip: Option<String>,
    /// What the client said it was.
    #[schema(required)]
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// A network or a device that the account was used from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedOrigin)]
struct ExportedOriginBody {
    /// When the account was first used from there.
    #[schema(format = DateTime)]
    first_seen_at: String,
    /// When it was last used from there, to the day.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

/// Failed logins in a row, of those that are counted together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedLoginFailures)]
struct ExportedLoginFailuresBody {
    /// How many there were.
    failures: u32,
    /// When the last one was.
    #[schema(format = DateTime)]
    last_failed_at: String,
    /// Until when logins are locked, or were last; null where they never were.
    #[schema(required, format = DateTime)]
    locked_until: Option<String>,
}

/// A one-time token that was mailed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedToken)]
struct ExportedTokenBody {
    /// What it is good for.
    #[schema(example = "password_reset")]
    purpose: String,
    /// The address that it was mailed to.
    #[schema(example = "anna@example.com")]
    email: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is worth nothing any more.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A mail on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedMail)]
struct ExportedMailBody {
    /// The id.
    id: Uuid,
    /// What it is about.
    #[schema(example = "new_login")]
    kind: String,
    /// When it was written.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is of no more use.
    #[schema(format = DateTime)]
    expires_at: String,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next; null where it was given up.
    #[schema(required, format = DateTime)]
    due_at: Option<String>,
    /// When it was given up, if it was.
    #[schema(required, format = DateTime)]
    dead_at: Option<String>,
    /// Why it could not be sent the last time, if it was tried.
    #[schema(required)]
    failure: Option<String>,
}

impl From<Export> for ExportBody {
    fn from(export: Export) -> Self {
        Self {
            exported_at: rfc3339(export.exported_at),
            user: UserBody::from(&export.user),
            password_changed_at: export.password_changed_at.map(rfc3339),
            roles: all(export.roles),
            sessions: all(export.sessions),
            known_origins: all(export.known_origins),
            login_failures: all(export.login_failures),
            one_time_tokens: all(export.one_time_tokens),
            mails: all(export.mails),
            audit_events: export.events.iter().map(AuditEventBody::from).collect(),
        }
    }
}

fn all<T, B: From<T>>(parts: Vec<T>) -> Vec<B> {
    parts.into_iter().map(B::from).collect()
}

impl From<ExportedRole> for ExportedRoleBody {
    fn from(granted: ExportedRole) -> Self {
        Self {
            role: granted.role.to_string(),
            granted_at: rfc3339(granted.granted_at),
        }
    }
}

impl From<ExportedSession> for ExportedSessionBody {
    fn from(session: ExportedSession) -> Self {
        Self {
            id: session.id.as_uuid(),
            created_at: rfc3339(session.created_at),
            authenticated_at: rfc3339(session.authenticated_at),
            last_used_at: rfc3339(session.last_used_at),
            expires_at: rfc3339(session.expires_at),
            revoked_at: session.revoked_at.map(rfc3339),
            ip: session.ip,
            user_agent: session.user_agent,
            current: session.is_current,
        }
    }
}

impl From<ExportedOrigin> for ExportedOriginBody {
    fn from(origin: ExportedOrigin) -> Self {
        Self {
            first_seen_at: rfc3339(origin.first_seen_at),
            last_seen_at: rfc3339(origin.last_seen_at),
        }
    }
}

impl From<ExportedLoginFailures> for ExportedLoginFailuresBody {
    fn from(failed: ExportedLoginFailures) -> Self {
        Self {
            failures: failed.failures,
            last_failed_at: rfc3339(failed.last_failed_at),
            locked_until: failed.locked_until.map(rfc3339),
        }
    }
}

impl From<ExportedToken> for ExportedTokenBody {
    fn from(token: ExportedToken) -> Self {
        Self {
            purpose: token.purpose,
            email: token.email,
            created_at: rfc3339(token.created_at),
            expires_at: rfc3339(token.expires_at),
        }
    }
}

impl From<MailInOutbox> for ExportedMailBody {
    fn from(mail: MailInOutbox) -> Self {
        Self {
            id: mail.id.as_uuid(),
            kind: mail.kind,
            created_at: rfc3339(mail.created_at),
            expires_at: rfc3339(mail.expires_at),
            attempts: mail.attempts,
            due_at: mail.due_at.map(rfc3339),
            dead_at: mail.dead_at.map(rfc3339),
            failure: mail.failure,
        }
    }
}
