//! Failed logins in a row: counted, answered with ever longer waits, and then a lock.

mod gate;
mod policy;
pub(crate) mod subject;
mod turn;

pub(crate) use gate::{AttemptGate, Turn};
pub use policy::LockoutPolicy;
pub(crate) use policy::MEMORY;
pub(crate) use subject::OriginFingerprints;
pub(crate) use turn::{TurnRefused, fails_by_turn, unless_deleted};
