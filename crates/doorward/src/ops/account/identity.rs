//! Names that are taken, as the database tells.

use crate::domain::account::IdentityRejected;
use crate::store::db::{Constraint, StoreError};

/// The constraint that a write broke, if it is that of a name.
pub(super) fn taken_name(error: &StoreError) -> Option<IdentityRejected> {
    match error {
        StoreError::Constraint(Constraint::UserEmail) => Some(IdentityRejected::EmailTaken),
        StoreError::Constraint(Constraint::UserUsername) => Some(IdentityRejected::UsernameTaken),
        _ => None,
    }
}
