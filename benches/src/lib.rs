//! What `cargo xtask bench` and `cargo xtask soak` share: a server in a folder of its own, a
//! core for each side, and a client that does as little as possible.

pub mod client;
pub mod cores;
pub mod postgres;
pub mod random;
pub mod server;

/// What came of something that a run gives up over where it fails.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
