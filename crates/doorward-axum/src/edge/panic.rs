//! A panic in a handler is a 500, not a dropped connection.

use std::{
    any::Any,
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;

/// Runs `step`; a panic becomes the answer.
///
/// What panicked is dropped and never run again, so no broken state of it is
/// seen.
pub(super) fn caught<T>(step: impl FnOnce() -> T) -> Result<T, Box<Response>> {
    catch_unwind(AssertUnwindSafe(step)).map_err(|payload| {
        let cause = Panicked::with(payload.as_ref());
        Box::new(Problem::internal().with_cause(cause).into_response())
    })
}

#[derive(Debug)]
struct Panicked(String);

impl Panicked {
    fn with(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self(text.unwrap_or("no message").to_owned())
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handler panicked: {}", self.0)
    }
}

impl Error for Panicked {}
