//! What a caller may do at this moment, and roles that are defined, changed and deleted.

pub(crate) mod define;
mod standing;
pub(crate) mod sync_app_roles;

pub use define::RoleError;
pub(crate) use standing::{NoStanding, Standing, fails_without_standing};
