//! Accounts, login, tokens, sessions and roles for Rust applications.

pub mod clock;
pub mod entropy;
pub mod id;
mod secret;
mod store;

pub use clock::{Clock, SystemClock, Timestamp};
pub use entropy::{Entropy, SystemEntropy};
pub use id::{EventId, SessionId, TokenId, UserId};
pub use secret::SecretKey;
pub use store::db::{
    ConnectError, Database, DatabaseKind, MigrateError, MigrationStatus, PoolOptions,
};
