//! How an engine sends mail.

use std::sync::Arc;

use super::{Links, MailKind, Mailer, Templates};

/// How mail is sent, what it says and where its links lead.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Who sends it.
    pub mailer: Arc<dyn Mailer>,
    /// What it says.
    pub templates: Templates,
    /// Where its links lead.
    pub links: Links,
    /// Of what the owners of accounts are told.
    pub notices: Notices,
}

/// Of what the owner of an account is told by mail; by default of all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices {
    /// That the password was changed.
    pub password_changed: bool,
    /// That the address was changed; the former address is told.
    pub email_changed: bool,
    /// That somebody logged in from a network or a device that was not seen before.
    pub new_login: bool,
    /// That logins are locked, after too many that failed.
    pub account_locked: bool,
    /// That a refresh token was used twice, and its session was ended.
    pub token_reused: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            password_changed: true,
            email_changed: true,
            new_login: true,
            account_locked: true,
            token_reused: true,
        }
    }
}

impl MailConfig {
    /// Mail sent by `mailer`, with all notices.
    pub fn new(mailer: Arc<dyn Mailer>, templates: Templates, links: Links) -> Self {
        Self {
            mailer,
            templates,
            links,
            notices: Notices::default(),
        }
    }
}

impl Notices {
    /// Whether mails of this kind are sent: what is not a notice always is.
    pub(crate) fn includes(self, kind: MailKind) -> bool {
        match kind {
            MailKind::PasswordChanged => self.password_changed,
            MailKind::EmailChanged => self.email_changed,
            MailKind::NewLogin => self.new_login,
            MailKind::AccountLocked => self.account_locked,
            MailKind::TokenReused => self.token_reused,
            MailKind::EmailVerification
            | MailKind::PasswordReset
            | MailKind::EmailChange
            | MailKind::AlreadyRegistered
            | MailKind::UsernameTaken => true,
        }
    }
}
