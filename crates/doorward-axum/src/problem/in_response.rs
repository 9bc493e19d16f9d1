//! A problem as a response, and how it is found again in one.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body::Body as _;

use super::{PROBLEM_JSON, Problem};

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let mut response = Response::new(Body::from(self.render()));
        *response.status_mut() = self.0.status;
        *response.headers_mut() = std::mem::take(&mut self.0.headers);
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        if let Some(cause) = self.0.cause.take() {
            response.extensions_mut().insert(cause);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// In a response's extensions: the application told the problem in its own words, which stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told;

/// The problem that the answer is, or stands for, unless somebody told it in their own words.
/// It is out of the answer then.
pub(crate) fn find_problem(response: &mut Response) -> Option<Problem> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<Told>().is_some() {
        return None;
    }
    let problem = response.extensions_mut().remove::<Problem>();
    problem.or_else(|| blank_problem(response))
}

/// The router says by the status alone that it found no route or no method; a
/// handler's own answer has a content type.
fn blank_problem(response: &Response) -> Option<Problem> {
    let is_blank = !response.headers().contains_key(CONTENT_TYPE)
        && response.body().size_hint().exact() == Some(0);
    match response.status() {
        StatusCode::NOT_FOUND if is_blank => Some(Problem::not_found()),
        StatusCode::METHOD_NOT_ALLOWED if is_blank => Some(Problem::method_not_allowed()),
        _ => None,
    }
}
