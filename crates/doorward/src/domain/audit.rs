//! The audit trail: who did what, on whom, when, from where, and how it ended.

use super::authz::RoleName;
use super::caller::{Actor, Caller};
use super::clock::Timestamp;
use super::entropy::Entropy;
use super::id::{EventId, SessionId, UserId};
use super::words::words;

words! {
    /// What was done.
    Action {
        /// An account was made by its owner.
        UserRegistered = "user.registered",
        /// An account was made by somebody else.
        UserCreated = "user.created",
        /// An account's fields were changed.
        UserUpdated = "user.updated",
        /// An account was deleted.
        UserDeleted = "user.deleted",
        /// An account was deactivated.
        UserDeactivated = "user.deactivated",
        /// An account was activated again.
        UserActivated = "user.activated",
        /// An account's roles were changed.
        UserRolesChanged = "user.roles_changed",
        /// An account's data was exported by its owner.
        UserExported = "user.exported",
        /// Somebody logged in, or failed to.
        Login = "login",
        /// A session was ended by its owner.
        Logout = "logout",
        /// A session was ended from another of the owner's.
        SessionRevoked = "session.revoked",
        /// An old refresh token was presented again; its session was ended.
        RefreshTokenReused = "refresh_token.reused",
        /// A password was changed by its owner, or the owner failed to.
        PasswordChanged = "password.changed",
        /// Somebody who is logged in failed to show that it is still they.
        Reauthentication = "reauthentication",
        /// A new password was to be looked for in data breaches, and could not be.
        BreachCheckFailed = "password.breach_check_failed",
        /// A password was set by somebody else.
        PasswordSet = "password.set",
        /// A link to set a new password was asked for, and mailed.
        PasswordResetRequested = "password_reset.requested",
        /// A password was reset by a mailed link.
        PasswordReset = "password_reset",
        /// A link to verify the e-mail address was asked for, and mailed.
        VerificationRequested = "email_verification.requested",
        /// The e-mail address was verified by a mailed link.
        EmailVerified = "email.verified",
        /// A new e-mail address was asked for; it has yet to be verified.
        EmailChangeRequested = "email_change.requested",
        /// The e-mail address was changed to one that was verified.
        EmailChanged = "email.changed",
        /// Logins were locked for a while, after too many that failed.
        AccountLocked = "account.locked",
        /// Logins were let in again by somebody who may.
        AccountUnlocked = "account.unlocked",
        /// A role was defined.
        RoleCreated = "role.created",
        /// A role was changed.
        RoleUpdated = "role.updated",
        /// A role was deleted.
        RoleDeleted = "role.deleted",
    }
}

words! {
    /// How it ended.
    Outcome {
        /// It was done.
        Success = "success",
        /// It was refused.
        Failure = "failure",
    }
}

words! {
    /// Who did it.
    ActorKind {
        /// Nobody in particular.
        Anonymous = "anonymous",
        /// An account.
        User = "user",
        /// Whoever runs the software.
        Operator = "operator",
    }
}

/// One row of the audit trail. It holds no name and no address of an account, only ids.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent {
    /// The id; ids grow with time.
    pub id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What was done, a word of [`Action`].
    pub action: String,
    /// How it ended, a word of [`Outcome`].
    pub outcome: String,
    /// Why it was refused, where it was.
    pub reason: Option<String>,
    /// Who did it, a word of [`ActorKind`].
    pub actor: String,
    /// The account that did it.
    pub actor_id: Option<UserId>,
    /// The account that it was done to.
    pub target_id: Option<UserId>,
    /// The role that it was done to.
    pub role: Option<String>,
    /// The session in which it was done, or that it was done to.
    pub session_id: Option<SessionId>,
    /// The request's id.
    pub request_id: Option<String>,
    /// The client's address.
    pub ip: Option<String>,
    /// What the client says it is.
    pub user_agent: Option<String>,
}

/// Which audit events to list; `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// What was done.
    pub action: Option<Action>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The account that did it.
    pub actor_id: Option<UserId>,
    /// The account that it was done to.
    pub target_id: Option<UserId>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// An event to write, in the transaction of the act that it tells of.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) event: AuditEvent,
}

impl Record {
    /// The record of an act that succeeds.
    pub(crate) fn new(
        action: Action,
        caller: &Caller,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Self {
        let (actor, actor_id, session_id) = match &caller.actor {
            Actor::Anonymous => (ActorKind::Anonymous, None, None),
            Actor::User(user) => (ActorKind::User, Some(user.user.id), Some(user.session.id)),
            Actor::Operator => (ActorKind::Operator, None, None),
        };
        let origin = &caller.origin;
        Self {
            event: AuditEvent {
                id: EventId::generate(now, entropy),
                occurred_at: now,
                action: action.as_str().to_owned(),
                outcome: Outcome::Success.as_str().to_owned(),
                reason: None,
                actor: actor.as_str().to_owned(),
                actor_id,
                target_id: None,
                role: None,
                session_id,
                request_id: origin.request_id().map(str::to_owned),
                ip: origin.ip().map(|ip| ip.to_string()),
                user_agent: origin.user_agent().map(str::to_owned),
            },
        }
    }

    pub(crate) fn on(mut self, target: UserId) -> Self {
        self.event.target_id = Some(target);
        self
    }

    pub(crate) fn about_role(mut self, role: &RoleName) -> Self {
        self.event.role = Some(role.to_string());
        self
    }

    pub(crate) fn in_session(mut self, session: SessionId) -> Self {
        self.event.session_id = Some(session);
        self
    }

    pub(crate) fn refused(mut self, reason: &'static str) -> Self {
        self.event.outcome = Outcome::Failure.as_str().to_owned();
        self.event.reason = Some(reason.to_owned());
        self
    }
}
