//! What the engine promises about security, one named test each.
//!
//! A name that begins with `v` and a number is the requirement of OWASP's ASVS 5.0 that the
//! test shows to be met, as far as the engine alone can meet it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod app_routes;
mod authorisation;
mod cookies;
mod dump;
mod enumeration;
mod erasure;
mod life;
mod limits;
mod one_time_tokens;
mod passwords;
mod rank;
mod secrets;
mod sessions;
mod standing;
mod token_subject;
mod tokens;
mod traces;
