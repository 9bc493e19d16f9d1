//! The built server from outside: started, used, asked wrong things, stopped and killed, as
//! its users do it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod clients;
mod cookies;
mod crash;
mod embedded;
mod first_start;
mod limits;
mod mail;
mod metrics;
mod passwords;
mod python_client;
mod raw;
mod settings;
mod signals;
mod start_errors;
mod system_c;
mod system_d;
