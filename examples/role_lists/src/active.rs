//! What a deactivated account is told.

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};
use doorward_axum::codes::Code;
use doorward_axum::problem::Problem;

/// What another extractor takes from the request; a deactivated account is refused with 400
/// here, where it is 401 elsewhere.
pub(crate) struct Active<E>(pub(crate) E);

impl<E, S> FromRequestParts<S> for Active<E>
where
    E: FromRequestParts<S, Rejection = Problem>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extracted = E::from_request_parts(parts, state).await;
        extracted.map(Self).map_err(told_here)
    }
}

/// The same problem, as clients of this app know it.
pub(crate) fn told_here(problem: impl Into<Problem>) -> Problem {
    let problem = problem.into();
    match problem.code() {
        Code::InactiveUser => {
            Problem::new(StatusCode::BAD_REQUEST, Code::InactiveUser, "Inactive user")
        }
        _ => problem,
    }
}
