//! The built server from outside: started, used, asked wrong things, stopped and killed, as
//! its users do it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod first_start;
mod python_client;
mod settings;
mod start_errors;
mod system_c;
mod system_d;
