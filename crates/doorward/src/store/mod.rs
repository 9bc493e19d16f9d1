//! Everything that is kept: the seam to the database, and the statements above it.

pub(crate) mod db;
