//! Requests that are answered before they are carried out.
//!
//! Whether an account exists must show in no answer, and not in the time that it takes. So
//! what depends on it is put off: the request is written down, encrypted, and answered; it
//! is carried out a moment later by a worker.

mod carry_out;
mod request;
mod worker;

pub(crate) use request::{DeferredRegistration, DeferredRequest, put_off};
pub(crate) use worker::spawn;
