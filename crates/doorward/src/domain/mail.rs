//! What mails there are, what they tell, and whom.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::{EmailAddress, FullName, User, UserRecord};
use super::clock::Timestamp;
use super::id::UserId;
use super::origin::Origin;

/// What a mail is about.
///
/// ```
/// use doorward::MailKind;
///
/// assert_eq!(MailKind::PasswordReset.as_str(), "password_reset");
/// assert_eq!(MailKind::find("password_reset"), Some(MailKind::PasswordReset));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MailKind {
    /// To the address of an account: follow the link to show that it is yours.
    EmailVerification,
    /// To the address of an account: follow the link to choose a new password.
    PasswordReset,
    /// To the address that an account is to have: follow the link to make it so.
    EmailChange,
    /// To the owner of an account: somebody tried to register with this address again.
    AlreadyRegistered,
    /// To an address that nobody has shown to be theirs: no account was made, as the
    /// username is another's.
    UsernameTaken,
    /// To the owner: the password is another now.
    PasswordChanged,
    /// To the former address of an account: the address is another now.
    EmailChanged,
    /// To the owner: a login from a device or a network that was not seen before.
    NewLogin,
    /// To the owner: too many wrong passwords; nobody may log in for a while.
    AccountLocked,
    /// To the owner: a refresh token was used twice, and its session was ended.
    TokenReused,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::EmailVerification,
        Self::PasswordReset,
        Self::EmailChange,
        Self::AlreadyRegistered,
        Self::UsernameTaken,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::NewLogin,
        Self::AccountLocked,
        Self::TokenReused,
    ];

    /// Its name: words in lower case, joined by `_`. The templates' files are named so.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::AlreadyRegistered => "already_registered",
            Self::UsernameTaken => "username_taken",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::NewLogin => "new_login",
            Self::AccountLocked => "account_locked",
            Self::TokenReused => "token_reused",
        }
    }

    /// The kind of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is of no use without the link, or the token, that it brings.
    pub const fn carries_link(self) -> bool {
        matches!(
            self,
            Self::EmailVerification | Self::PasswordReset | Self::EmailChange
        )
    }

    /// Whether it goes to an address that nobody has shown to be theirs. Such a mail holds
    /// no text that whoever asked for it could choose: it would be a way to send spam.
    pub const fn goes_to_stranger(self) -> bool {
        matches!(
            self,
            Self::EmailVerification | Self::EmailChange | Self::UsernameTaken
        )
    }
}

/// What a mail tells; a mail of one kind tells some of it.
///
/// It is personal, and may hold a live token: `Debug` shows the name alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MailFacts {
    /// What the owner is called. Left out of the mail where it looks like more than a name,
    /// and where the mail goes to a stranger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to go. See [`Links`](crate::Links).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The token in the link, for whoever types it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How long the link is good for, or a lock lasts, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_seconds: Option<u64>,
    /// From which network address it was done. Left out where it is no IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The `User-Agent` that did it. The mail names browser and system, never this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// When it was done, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<i64>,
    /// The address that the account has or is to have. Left out where it is no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_address: Option<String>,
}

impl fmt::Debug for MailFacts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MailFacts(..)")
    }
}

impl MailFacts {
    /// The facts of something that was done from this origin.
    pub(crate) fn of_event(origin: &Origin, now: Timestamp) -> Self {
        Self {
            ip: origin.ip().map(|ip| ip.to_string()),
            user_agent: origin.user_agent().map(str::to_owned),
            occurred_at: Some(now.as_millis()),
            ..Self::default()
        }
    }

    pub(crate) fn link(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }

    pub(crate) fn valid_for(mut self, ttl: Duration) -> Self {
        self.valid_for_seconds = Some(ttl.as_secs());
        self
    }

    pub(crate) fn new_address(mut self, address: &EmailAddress) -> Self {
        self.new_address = Some(address.to_string());
        self
    }
}

/// Whom a letter goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient<'r> {
    /// The account that it goes to, and is deleted with.
    pub(crate) user: Option<UserId>,
    pub(crate) email: &'r EmailAddress,
    pub(crate) name: Option<&'r FullName>,
}

impl<'r> Recipient<'r> {
    /// The owner of an account, where it has an address.
    pub(crate) fn of_user(user: &'r User) -> Option<Self> {
        user.email.as_ref().map(|email| Self {
            user: Some(user.id),
            email,
            name: user.full_name.as_ref(),
        })
    }

    /// The owner of an account as it is stored, where it has an address.
    pub(crate) fn of_record(user: &'r UserRecord) -> Option<Self> {
        user.email.as_ref().map(|email| Self {
            user: Some(user.id),
            email,
            name: user.full_name.as_ref(),
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_by_its_name() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::find(kind.as_str()), Some(kind));
        }
        assert_eq!(MailKind::find("PasswordReset"), None);
    }
}
