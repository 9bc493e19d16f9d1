//! Failed logins in a row: counted, answered with ever longer waits, and then a lock.

mod gate;
mod policy;
pub(crate) mod subject;

pub(crate) use gate::{AttemptGate, FailuresSoFar, NotLetIn, Turn};
pub use policy::LockoutPolicy;
pub(crate) use policy::MEMORY;
pub(crate) use subject::OriginFingerprints;
