//! How often somebody may ask for what costs much or can be guessed.

mod check;
mod class;
mod counters;
mod in_process;
mod limiter;
mod network;
mod rate;

pub use class::{LimitClass, RateLimits};
pub use in_process::InProcessLimiter;
pub use limiter::{Decision, RateLimiter, Throttled};
pub use rate::{InvalidRate, Rate};

pub(crate) use network::ClientNetwork;
