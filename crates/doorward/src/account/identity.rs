//! Which names an account must have, and that no two accounts have the same.

use super::{EmailAddress, Username};
use crate::config::RequiredIdentity;
use crate::store::db::{Constraint, StoreError};

/// Why an account can't have these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRejected {
    /// Another account has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// An e-mail address is required, and was not given.
    #[error("an e-mail address is required")]
    EmailMissing,
    /// A username is required, and was not given.
    #[error("a username is required")]
    UsernameMissing,
}

impl IdentityRejected {
    /// The constraint that a write broke, if it is one of these.
    pub(super) fn from_store(error: &StoreError) -> Option<Self> {
        match error {
            StoreError::Constraint(Constraint::UserEmail) => Some(Self::EmailTaken),
            StoreError::Constraint(Constraint::UserUsername) => Some(Self::UsernameTaken),
            _ => None,
        }
    }
}

/// Whether an account with these names has those that it must have.
pub(super) fn check_identity(
    required: RequiredIdentity,
    email: Option<&EmailAddress>,
    username: Option<&Username>,
) -> Result<(), IdentityRejected> {
    use RequiredIdentity as Required;

    match required {
        Required::Email | Required::Both if email.is_none() => Err(IdentityRejected::EmailMissing),
        Required::Username | Required::Both if username.is_none() => {
            Err(IdentityRejected::UsernameMissing)
        }
        Required::Either if email.is_none() && username.is_none() => {
            Err(IdentityRejected::EmailMissing)
        }
        _ => Ok(()),
    }
}
