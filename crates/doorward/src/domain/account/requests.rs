//! What callers ask for: accounts to make, to change, to find and to list.

use super::{EmailAddress, FullName, Username};
use crate::domain::authz::RoleName;
use crate::domain::id::UserId;
use crate::domain::password::{Password, PasswordHash};

/// An account to make.
///
/// ```
/// use doorward::{NewUser, RoleName};
///
/// let new = NewUser::new("correct horse battery staple")
///     .email("anna@example.com".parse()?)
///     .roles([RoleName::MODERATOR])
///     .verified(true);
/// assert!(new.is_active);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The password, or the hash of one.
    pub(crate) password: NewPassword,
    /// The roles. Default: `user` alone.
    pub roles: Vec<RoleName>,
    /// Whether the account may be used. Default: yes.
    pub is_active: bool,
    /// Whether the e-mail address counts as verified. Default: no.
    pub is_verified: bool,
}

/// What an account is to have as its password.
#[derive(Clone, Debug)]
pub(crate) enum NewPassword {
    /// One that was chosen.
    Chosen(Password),
    /// One that an earlier system has hashed.
    Hashed(PasswordHash),
}

impl NewUser {
    /// An account with this password, and no name yet.
    pub fn new(password: impl Into<Password>) -> Self {
        Self::with(NewPassword::Chosen(password.into()))
    }

    /// An account that is moved over from another system, with the hash of its password, and no
    /// name yet.
    ///
    /// What the password is like is not known and not asked. The hash is one of argon2, bcrypt,
    /// PBKDF2-SHA256 or scrypt as passlib and Django write them; at the next login it is
    /// replaced by a current one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use doorward::testing::{TestDoorward, operator};
    /// use doorward::{NewUser, PasswordHash, UsersWrite};
    ///
    /// # let auth = TestDoorward::start().await;
    /// # let by = operator::<UsersWrite>();
    /// let hash = "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2";
    /// let moved = NewUser::with_password_hash(PasswordHash::new(hash.to_owned()))
    ///     .email("anna@example.com".parse()?)
    ///     .verified(true);
    /// let anna = auth.engine().create_user(&by, moved).await?;
    /// # auth.log_in("anna@example.com", "user1234").await;
    /// # drop(anna);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_password_hash(hash: PasswordHash) -> Self {
        Self::with(NewPassword::Hashed(hash))
    }

    fn with(password: NewPassword) -> Self {
        Self {
            email: None,
            username: None,
            full_name: None,
            password,
            roles: vec![RoleName::USER],
            is_active: true,
            is_verified: false,
        }
    }

    /// The same with this e-mail address.
    #[must_use]
    pub fn email(mut self, email: EmailAddress) -> Self {
        self.email = Some(email);
        self
    }

    /// The same with this name to log in with.
    #[must_use]
    pub fn username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// The same with what the person is called.
    #[must_use]
    pub fn full_name(mut self, full_name: FullName) -> Self {
        self.full_name = Some(full_name);
        self
    }

    /// The same with these roles and no others.
    #[must_use]
    pub fn roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.roles = roles.into_iter().collect();
        self
    }

    /// The same, to be used at once or not.
    #[must_use]
    pub fn active(mut self, is_active: bool) -> Self {
        self.is_active = is_active;
        self
    }

    /// The same, with an e-mail address that counts as verified or not.
    #[must_use]
    pub fn verified(mut self, is_verified: bool) -> Self {
        self.is_verified = is_verified;
        self
    }
}

/// What somebody who registers gives.
///
/// ```
/// use doorward::Registration;
///
/// let registration = Registration::new("correct horse battery staple")
///     .email("anna@example.com".parse()?)
///     .full_name("Anna Kowalska".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Registration {
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// The password.
    pub password: Password,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The role that is asked for. Default: `user`.
    pub role: Option<RoleName>,
    /// What the client was given for a captcha that it solved, where it did.
    pub captcha_token: Option<String>,
}

impl Registration {
    /// A registration with this password, and no name yet.
    pub fn new(password: impl Into<Password>) -> Self {
        Self {
            email: None,
            username: None,
            password: password.into(),
            full_name: None,
            role: None,
            captcha_token: None,
        }
    }

    /// The same with this e-mail address.
    #[must_use]
    pub fn email(mut self, email: EmailAddress) -> Self {
        self.email = Some(email);
        self
    }

    /// The same with this name to log in with.
    #[must_use]
    pub fn username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// The same with what the person is called.
    #[must_use]
    pub fn full_name(mut self, full_name: FullName) -> Self {
        self.full_name = Some(full_name);
        self
    }

    /// The same with the role that is asked for.
    #[must_use]
    pub fn role(mut self, role: RoleName) -> Self {
        self.role = Some(role);
        self
    }

    /// The same with what the client was given for a captcha.
    #[must_use]
    pub fn captcha_token(mut self, token: impl Into<Option<String>>) -> Self {
        self.captcha_token = token.into();
        self
    }
}

/// What to change of an account; the outer `None` leaves a field as it is, an inner
/// `None` takes its content away.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The e-mail address. A new one is not verified.
    pub email: Option<Option<EmailAddress>>,
    /// The name to log in with.
    pub username: Option<Option<Username>>,
    /// What the person is called.
    pub full_name: Option<Option<FullName>>,
    /// The roles. Not for the owner alone.
    pub roles: Option<Vec<RoleName>>,
    /// Whether the account may be used. Not for the owner alone.
    pub is_active: Option<bool>,
    /// Whether the e-mail address counts as verified. Not for the owner alone.
    pub is_verified: Option<bool>,
    /// The password; all sessions end. Not for the owner alone.
    pub password: Option<Password>,
}

impl UserChange {
    /// Whether it needs a permission, also of the account's owner.
    pub(crate) fn is_privileged(&self) -> bool {
        self.roles.is_some()
            || self.is_active.is_some()
            || self.is_verified.is_some()
            || self.password.is_some()
    }
}

/// Which accounts to list; `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Those with this role.
    pub role: Option<RoleName>,
    /// Those that may be used, or those that are deactivated.
    pub is_active: Option<bool>,
    /// Those with this text in the address, the username or the full name, whatever the case.
    pub search: Option<String>,
}

/// What an operator calls an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserName {
    /// By its id.
    Id(UserId),
    /// By its e-mail address.
    Email(EmailAddress),
    /// By its username.
    Username(Username),
}

impl UserName {
    /// Reads an e-mail address, a username or an id; `None` where it can be none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let id = || text.parse().ok().map(Self::Id);
        let email = || text.parse().ok().map(Self::Email);
        let username = || text.parse().ok().map(Self::Username);
        id().or_else(email).or_else(username)
    }
}
