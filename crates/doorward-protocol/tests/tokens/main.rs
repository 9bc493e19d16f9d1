//! Tokens: what is accepted, and everything that is refused.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, helpers of tests too"
)]

mod access;
mod extra;
mod forge;
mod header;
mod jws;
mod properties;
mod refresh;
mod rfc7515;
mod vectors;
