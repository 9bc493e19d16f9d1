//! Everything that is kept: the seam to the database, and the statements above it.

pub(crate) mod audit;
pub(crate) mod db;
pub(crate) mod passwords;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod users;
