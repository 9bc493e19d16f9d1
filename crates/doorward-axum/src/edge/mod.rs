//! What every request passes first and every answer last.
//!
//! One layer around the whole router does all that concerns each request
//! alike, in one place and with one future: request ids, CORS, trailing
//! slashes, the deadline, panics, error bodies, security headers, timing and
//! the log. It wraps the router from outside, since it must see requests that
//! no route matches, and see targets before they are routed.

mod config;
mod cors;
mod exchange;
mod future;
mod headers;
mod loan;
mod log;
mod panic;
mod service;
mod target;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_bodies;
#[cfg(test)]
mod tests_of_logs;

pub use self::{
    config::EdgeConfig,
    future::EdgeFuture,
    service::{Edge, EdgeService},
};
pub use crate::{
    allowed_origins::{AllowedOrigins, InvalidOrigin},
    request_id::{RequestId, RequestIds},
};
