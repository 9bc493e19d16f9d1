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
/// assert_eq!(permission, Permission::new("reports:read"));
/// assert!("Reports".parse::<Permission>().is_err());
/// # Ok::<(), doorward::InvalidPermission>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

/// A text that names no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{RULE}")]
pub struct InvalidPermission;

const RULE: &str = "a permission is written resource:action, in lower-case letters, digits, \
    '_', '-' and '.', at most 64 characters";

impl Permission {
    /// May see every account.
    pub const USERS_READ: Self = Self::new("users:read");
    /// May create accounts, and change those of others.
    pub const USERS_WRITE: Self = Self::new("users:write");
    /// May delete accounts.
    pub const USERS_DELETE: Self = Self::new("users:delete");
    /// May see how many accounts there are.
    pub const USERS_COUNT: Self = Self::new("users:count");
    /// May see the roles and what they permit.
    pub const ROLES_READ: Self = Self::new("roles:read");
    /// May define, change and delete roles.
    pub const ROLES_WRITE: Self = Self::new("roles:write");
    /// May grant roles to accounts and take them away.
    pub const ROLES_ASSIGN: Self = Self::new("roles:assign");
    /// May read the audit trail.
    pub const AUDIT_READ: Self = Self::new("audit:read");
    /// May see which mails are on their way, though not what they say.
    pub const MAIL_READ: Self = Self::new("mail:read");
    /// May have mails tried again.
    pub const MAIL_WRITE: Self = Self::new("mail:write");

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

    /// A permission that is known when the program is written.
    ///
    /// ```compile_fail
    /// use doorward::Permission;
    ///
    /// const REPORTS_READ: Permission = Permission::new("Reports");
    /// ```
    ///
    /// # Panics
    /// Where the text is malformed; in a constant this is an error of the compiler.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_permission(name.as_bytes()), "{}", RULE);
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
        if !is_permission(text.as_bytes()) {
            return Err(InvalidPermission);
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

/// Two words with a colon between; a loop, as constants are made with it too.
const fn is_permission(text: &[u8]) -> bool {
    let mut colon = 0;
    while colon < text.len() && text[colon] != b':' {
        colon += 1;
    }
    text.len() <= 64 && is_word(text, 0, colon) && is_word(text, colon + 1, text.len())
}

const fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    if start >= end || !text[start].is_ascii_lowercase() {
        return false;
    }
    let mut at = start + 1;
    while at < end {
        let byte = text[at];
        let is_mark = matches!(byte, b'_' | b'-' | b'.');
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || is_mark) {
            return false;
        }
        at += 1;
    }
    true
}

/// A type that stands for one permission, so that an unknown one does not compile.
///
/// ```
/// use doorward::{Permission, PermissionMarker};
///
/// #[derive(Clone, Copy, Debug)]
/// struct ReportsRead;
///
/// impl PermissionMarker for ReportsRead {
///     const PERMISSION: Permission = Permission::new("reports:read");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for no permission",
    label = "is no `PermissionMarker`",
    note = "a permission of the app's own is a unit struct that implements `PermissionMarker`"
)]
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
