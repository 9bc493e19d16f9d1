//! An account.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;

use super::{EmailAddress, FullName, Username};
use crate::domain::authz::{AppRole, Permission, RoleCatalogue, RoleName};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;

/// An account, with its roles and what they permit at this moment.
///
/// Its password's hash is kept elsewhere, and never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The id, for as long as the account exists.
    pub id: UserId,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The roles, the highest-ranking first.
    pub roles: Vec<RoleName>,
    /// What the roles permit together.
    pub permissions: BTreeSet<Permission>,
    /// When the e-mail address was verified.
    pub verified_at: Option<Timestamp>,
    /// Since when the account is deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When one of its fields was last changed.
    pub updated_at: Timestamp,
    /// When its owner last logged in.
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// Whether the account may be used.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// Whether the e-mail address was verified.
    pub fn is_verified(&self) -> bool {
        self.verified_at.is_some()
    }

    /// The highest-ranking role; `None` where the account has none.
    pub fn role(&self) -> Option<&RoleName> {
        self.roles.first()
    }

    /// Whether the account has this role. One that ranks higher is another.
    ///
    /// ```
    /// # fn example(user: &doorward::User) -> bool {
    /// user.has_role(&doorward::RoleName::MODERATOR)
    /// # }
    /// ```
    pub fn has_role(&self, role: &RoleName) -> bool {
        self.roles.contains(role)
    }

    /// The highest-ranking of the app's own roles that the account has; `None` where it has
    /// none of them.
    ///
    /// ```
    /// # use doorward::{AppRole, User};
    /// fn greeting<R: AppRole + std::fmt::Debug>(user: &User) -> String {
    ///     user.role_of::<R>().map_or("Hello".to_owned(), |role| format!("Hello, {role:?}"))
    /// }
    /// ```
    pub fn role_of<R: AppRole>(&self) -> Option<R> {
        let find = |name: &RoleName| R::ALL.iter().find(|role| role.name() == *name);
        self.roles.iter().find_map(find).copied()
    }
}

/// An account as it is at one moment, shared by all who ask while it stays so.
///
/// ```
/// # fn show(user: &doorward::UserSnapshot) -> Vec<u8> {
/// // Whoever shows the same account again and again does the work once.
/// user.shown(|user| user.id.to_string().into_bytes()).to_vec()
/// # }
/// ```
#[derive(Debug)]
pub struct UserSnapshot {
    user: User,
    session_epoch: i64,
    shown: OnceLock<Bytes>,
}

impl UserSnapshot {
    /// The epoch of the account's sessions. Those of earlier epochs have ended.
    pub(crate) fn session_epoch(&self) -> i64 {
        self.session_epoch
    }

    /// The account in the form in which it was first shown, made by `show` if it was not yet.
    ///
    /// There is one form: of an engine behind two doors, both must show the same.
    pub fn shown(&self, show: impl FnOnce(&User) -> Vec<u8>) -> Bytes {
        self.shown
            .get_or_init(|| Bytes::from(show(&self.user)))
            .clone()
    }
}

impl Deref for UserSnapshot {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}

/// An account as its rows tell, before what its roles mean is known.
#[derive(Clone, Debug)]
pub(crate) struct UserRecord {
    pub(crate) id: UserId,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) username: Option<Username>,
    pub(crate) full_name: Option<FullName>,
    pub(crate) roles: Vec<RoleName>,
    pub(crate) verified_at: Option<Timestamp>,
    pub(crate) deactivated_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) last_login_at: Option<Timestamp>,
    /// A session of an earlier epoch has ended.
    pub(crate) session_epoch: i64,
}

impl UserRecord {
    /// The account at this moment, with its roles in order and what they permit.
    pub(crate) fn into_snapshot(self, catalogue: &RoleCatalogue) -> UserSnapshot {
        UserSnapshot {
            session_epoch: self.session_epoch,
            user: self.into_user(catalogue),
            shown: OnceLock::new(),
        }
    }

    /// The account, with its roles in order and what they permit.
    pub(crate) fn into_user(self, catalogue: &RoleCatalogue) -> User {
        let roles = catalogue.in_order(self.roles);
        User {
            id: self.id,
            email: self.email,
            username: self.username,
            full_name: self.full_name,
            permissions: catalogue.permissions_of(&roles),
            roles,
            verified_at: self.verified_at,
            deactivated_at: self.deactivated_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_login_at: self.last_login_at,
        }
    }
}
