//! Roles: named sets of permissions, in an order.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::Permission;
use crate::domain::clock::Timestamp;

/// The name of a role: lower-case letters, digits, `_` and `-`, a letter first, at most 50
/// characters.
///
/// ```
/// use doorward::RoleName;
///
/// let role: RoleName = "billing".parse()?;
/// assert_eq!(role.as_str(), "billing");
/// assert_eq!(RoleName::ADMIN.as_str(), "admin");
///
/// // One that is known beforehand can be a constant: a malformed one does not compile.
/// const BILLING: RoleName = RoleName::new("billing");
/// assert_eq!(role, BILLING);
/// # Ok::<(), doorward::InvalidRoleName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(Cow<'static, str>);

/// A text that can't name a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{RULE}")]
pub struct InvalidRoleName;

const RULE: &str = "a role's name starts with a lower-case letter and has lower-case letters, \
    digits, '_' and '-', at most 50 characters";

impl RoleName {
    /// The built-in role that may do everything.
    pub const ADMIN: Self = Self::new("admin");
    /// The built-in role that may see every account.
    pub const MODERATOR: Self = Self::new("moderator");
    /// The built-in role of whoever registers.
    pub const USER: Self = Self::new("user");
    /// The built-in role below `user`.
    pub const GUEST: Self = Self::new("guest");

    /// A name that is known when the program is written.
    ///
    /// ```compile_fail
    /// use doorward::RoleName;
    ///
    /// const BILLING: RoleName = RoleName::new("Billing!");
    /// ```
    ///
    /// # Panics
    /// Where the name is malformed; in a constant this is an error of the compiler.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_role_name(name.as_bytes()), "{}", RULE);
        Self(Cow::Borrowed(name))
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for RoleName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleName {
    type Err = InvalidRoleName;

    fn from_str(text: &str) -> Result<Self, InvalidRoleName> {
        if is_role_name(text.as_bytes()) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidRoleName)
        }
    }
}

/// A loop, as constants are made with it too.
const fn is_role_name(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > 50 || !text[0].is_ascii_lowercase() {
        return false;
    }
    let mut at = 1;
    while at < text.len() {
        let byte = text[at];
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')) {
            return false;
        }
        at += 1;
    }
    true
}

/// A type that stands for one role, so that an unknown one does not compile.
///
/// ```
/// use doorward::{RoleMarker, RoleName};
///
/// #[derive(Clone, Copy, Debug, Default)]
/// struct Billing;
///
/// impl RoleMarker for Billing {
///     const ROLE: RoleName = RoleName::new("billing");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for no role",
    label = "is no `RoleMarker`",
    note = "a role of the app's own is a unit struct that implements `RoleMarker`; an enum that is \
        an `AppRole` belongs into `RequireAnyRole`"
)]
pub trait RoleMarker: Default + Send + Sync + 'static {
    /// The role.
    const ROLE: RoleName;
}

macro_rules! role_markers {
    ($($(#[$doc:meta])* $name:ident = $role:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name;

        impl RoleMarker for $name {
            const ROLE: RoleName = RoleName::$role;
        }
    )+};
}

role_markers! {
    /// Stands for [`RoleName::ADMIN`].
    Admin = ADMIN;
    /// Stands for [`RoleName::MODERATOR`].
    Moderator = MODERATOR;
    /// Stands for [`RoleName::GUEST`].
    Guest = GUEST;
}

/// A role, with what it permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// Where it stands: the highest-ranking of an account's roles is its `role`.
    /// The built-in ones have 400, 300, 200 and 100.
    pub rank: i64,
    /// What it is for, in words.
    pub description: String,
    /// What it permits.
    pub permissions: BTreeSet<Permission>,
    /// Whether it belongs to the release or to the app itself
    /// ([`Builder::roles`](crate::Builder::roles)), and so can't be changed or deleted.
    pub built_in: bool,
    /// When it was defined; the epoch for built-in ones.
    pub created_at: Timestamp,
    /// When it was last changed; the epoch for built-in ones.
    pub updated_at: Timestamp,
}

/// What a built-in role permits; `None` for any other role.
///
/// What accounts may do with themselves needs no permission.
pub(crate) fn built_in_permissions(name: &RoleName) -> Option<BTreeSet<Permission>> {
    match name.as_str() {
        "admin" => Some(BTreeSet::from(Permission::BUILT_IN)),
        "moderator" => Some(BTreeSet::from([
            Permission::USERS_READ,
            Permission::ROLES_READ,
        ])),
        "user" | "guest" => Some(BTreeSet::new()),
        _ => None,
    }
}

/// All roles that are defined, at one moment.
#[derive(Debug, Default)]
pub(crate) struct RoleCatalogue(BTreeMap<RoleName, Role>);

impl RoleCatalogue {
    pub(crate) fn new(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(
            roles
                .into_iter()
                .map(|role| (role.name.clone(), role))
                .collect(),
        )
    }

    pub(crate) fn find(&self, name: &RoleName) -> Option<&Role> {
        self.0.get(name)
    }

    /// All roles, the highest first.
    pub(crate) fn list(&self) -> Vec<Role> {
        let mut roles: Vec<_> = self.0.values().cloned().collect();
        roles.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.name.cmp(&b.name)));
        roles
    }

    /// The same names, the highest-ranking first.
    pub(crate) fn in_order(&self, mut names: Vec<RoleName>) -> Vec<RoleName> {
        let rank = |name: &RoleName| self.find(name).map_or(i64::MIN, |role| role.rank);
        names.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.cmp(b)));
        names.dedup();
        names
    }

    /// Everything that these roles permit together.
    pub(crate) fn permissions_of(&self, names: &[RoleName]) -> BTreeSet<Permission> {
        names
            .iter()
            .filter_map(|name| self.find(name))
            .flat_map(|role| role.permissions.iter().cloned())
            .collect()
    }
}

/// The most roles that one account can have: its tokens name each of them.
const MOST_ROLES: usize = 20;

/// Why roles can't be given to an account, whoever gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAssignable {
    /// One of them is not defined.
    Unknown,
    /// There are more than an account can have.
    TooMany,
}

/// Whether an account can have these roles, duplicates aside.
pub(crate) fn check_assignable(
    roles: &[RoleName],
    catalogue: &RoleCatalogue,
) -> Result<(), NotAssignable> {
    if roles.iter().any(|role| catalogue.find(role).is_none()) {
        return Err(NotAssignable::Unknown);
    }
    if roles.iter().collect::<BTreeSet<_>>().len() > MOST_ROLES {
        return Err(NotAssignable::TooMany);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_lower_case_names_are_taken() {
        for name in ["admin", "a", "billing-eu_2"] {
            assert!(name.parse::<RoleName>().is_ok(), "{name}");
        }
        let long = "a".repeat(51);
        for name in [
            "",
            "Admin",
            "1st",
            "-a",
            "a b",
            "a:b",
            "rôle",
            long.as_str(),
        ] {
            assert_eq!(name.parse::<RoleName>(), Err(InvalidRoleName), "{name}");
        }
    }

    #[test]
    fn the_highest_rank_comes_first_whatever_the_order_given() {
        let role = |name: &str, rank| Role {
            name: name.parse().unwrap(),
            rank,
            description: String::new(),
            permissions: BTreeSet::new(),
            built_in: false,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        };
        let catalogue = RoleCatalogue::new([role("low", 1), role("high", 9), role("even", 1)]);
        let names = ["low", "even", "high", "low"].map(|name| name.parse().unwrap());
        let ordered = catalogue.in_order(names.to_vec());
        let ordered: Vec<_> = ordered.iter().map(RoleName::as_str).collect();
        assert_eq!(ordered, ["high", "even", "low"]);
    }
}
