//! The HTTP API as its clients see it; the modules mirror the URLs.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit_events;
mod auth;
mod authorization;
mod bodies;
mod conventions;
mod extractors;
mod guards;
mod health;
mod openapi;
mod operations;
mod parts;
mod redacted;
mod roles;
mod shaped_problems;
mod two_engines;
mod users;
mod world;
