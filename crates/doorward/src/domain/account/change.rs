//! Changes of an account.

use super::{EmailAddress, FullName, Username};
use crate::domain::authz::RoleName;
use crate::domain::password::Password;

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
