//! Which account is meant, and which accounts to list.

use super::{EmailAddress, Username};
use crate::domain::authz::RoleName;
use crate::domain::id::UserId;

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
