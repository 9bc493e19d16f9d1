//! Requests that are answered before they are carried out.
//!
//! Whether an account exists must show in no answer, and not in the time that it takes. So
//! what depends on it is put off: the request is written down, encrypted, and answered; it
//! is carried out a moment later by whoever works on the outbox.

mod carry_out;
mod request;

pub(crate) use request::{DeferredRegistration, DeferredRequest, put_off};
