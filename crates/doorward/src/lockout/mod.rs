//! Failed logins in a row: whose they are, and how many attempts may run at a time.

mod gate;
pub(crate) mod subject;

pub(crate) use gate::{AttemptGate, FailuresSoFar, NotLetIn, Turn};
pub(crate) use subject::OriginFingerprints;
