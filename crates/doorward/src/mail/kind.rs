//! What mails there are.

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
