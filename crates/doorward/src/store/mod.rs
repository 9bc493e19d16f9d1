//! Everything that is kept: the seam to the database, and the statements above it.

pub(crate) mod audit;
pub(crate) mod data_keys;
pub(crate) mod db;
pub(crate) mod erasures;
pub(crate) mod jobs;
pub(crate) mod known_origins;
pub(crate) mod login_failures;
pub(crate) mod passwords;
#[cfg(test)]
mod plans;
pub(crate) mod rights;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod token_families;
pub(crate) mod tokens;
pub(crate) mod user_lists;
pub(crate) mod users;
