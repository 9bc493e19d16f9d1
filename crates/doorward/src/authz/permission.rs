//! Permissions: what a role allows, and the types that stand for the built-in ones.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The right to do one kind of thing, written `resource:action`.
///
/// ```
/// use doorward::Permission;
///
/// let permission: Permission = "reports:read".parse()?;
/// assert_eq!(permission.as_str(), "reports:read");
/// assert!("Reports".parse::<Permission>().is_err());
/// # Ok::<(), doorward::InvalidPermission>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

/// A text that names no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a permission is written resource:action, in lower-case letters, digits, '_', '-' and '.', at most 64 characters"
)]
pub struct InvalidPermission;

impl Permission {
    /// May see every account.
    pub const USERS_READ: Self = Self::built_in("users:read");
    /// May create accounts, and change those of others.
    pub const USERS_WRITE: Self = Self::built_in("users:write");
    /// May delete accounts.
    pub const USERS_DELETE: Self = Self::built_in("users:delete");
    /// May see how many accounts there are.
    pub const USERS_COUNT: Self = Self::built_in("users:count");
    /// May see the roles and what they permit.
    pub const ROLES_READ: Self = Self::built_in("roles:read");
    /// May define, change and delete roles.
    pub const ROLES_WRITE: Self = Self::built_in("roles:write");
    /// May grant roles to accounts and take them away.
    pub const ROLES_ASSIGN: Self = Self::built_in("roles:assign");
    /// May read the audit trail.
    pub const AUDIT_READ: Self = Self::built_in("audit:read");
    /// May see which mails are on their way, though not what they say.
    pub const MAIL_READ: Self = Self::built_in("mail:read");
    /// May have mails tried again.
    pub const MAIL_WRITE: Self = Self::built_in("mail:write");

    /// Every permission that the engine itself checks.
    pub const BUILT_IN: [Self; 10] = [
        Self::USERS_READ,
        Self::USERS_WRITE,
        Self::USERS_DELETE,
        Self::USERS_COUNT,
        Self::ROLES_READ,
        Self::ROLES_WRITE,
        Self::ROLES_ASSIGN,
        Self::AUDIT_READ,
        Self::MAIL_READ,
        Self::MAIL_WRITE,
    ];

    const fn built_in(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The permission as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, InvalidPermission> {
        let word = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase())
                && part.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte)
                })
        };
        let (resource, action) = text.split_once(':').ok_or(InvalidPermission)?;
        if text.len() > 64 || !word(resource) || !word(action) {
            return Err(InvalidPermission);
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

/// A type that stands for one permission, so that an unknown one does not compile.
pub trait PermissionMarker: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident = $permission:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl PermissionMarker for $name {
            const PERMISSION: Permission = Permission::$permission;
        }
    )+};
}

markers! {
    /// Stands for [`Permission::USERS_READ`].
    UsersRead = USERS_READ;
    /// Stands for [`Permission::USERS_WRITE`].
    UsersWrite = USERS_WRITE;
    /// Stands for [`Permission::USERS_DELETE`].
    UsersDelete = USERS_DELETE;
    /// Stands for [`Permission::USERS_COUNT`].
    UsersCount = USERS_COUNT;
    /// Stands for [`Permission::ROLES_READ`].
    RolesRead = ROLES_READ;
    /// Stands for [`Permission::ROLES_WRITE`].
    RolesWrite = ROLES_WRITE;
    /// Stands for [`Permission::ROLES_ASSIGN`].
    RolesAssign = ROLES_ASSIGN;
    /// Stands for [`Permission::AUDIT_READ`].
    AuditRead = AUDIT_READ;
    /// Stands for [`Permission::MAIL_READ`].
    MailRead = MAIL_READ;
    /// Stands for [`Permission::MAIL_WRITE`].
    MailWrite = MAIL_WRITE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_permissions_are_well_formed() {
        for permission in Permission::BUILT_IN {
            assert_eq!(permission.as_str().parse(), Ok(permission));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = format!("a:{}", "b".repeat(63));
        for text in [
            "",
            "users",
            ":read",
            "users:",
            "Users:read",
            "users:read:x y",
            "1a:b",
            &long,
        ] {
            assert_eq!(text.parse::<Permission>(), Err(InvalidPermission), "{text}");
        }
    }
}
