//! One request, from its arrival to its answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, Method, Request, StatusCode, header, uri::PathAndQuery};

use super::{
    config::EdgeConfig,
    cors::{self, Grant},
    headers,
    log::LogEntry,
    target,
};
use crate::{
    codes::Code,
    problem::{PROBLEM_JSON, Problem, find_problem},
    request_id::{RequestId, X_REQUEST_ID},
};

/// What the edge keeps of a request until it is answered.
#[derive(Debug)]
pub(super) struct Exchange {
    config: Arc<EdgeConfig>,
    started: Instant,
    method: Method,
    target: Option<PathAndQuery>,
    request_id: RequestId,
    grant: Grant,
}

impl Exchange {
    /// Begins with a request's arrival.
    pub(super) fn begin<B>(config: &Arc<EdgeConfig>, request: &Request<B>) -> Self {
        Self {
            config: Arc::clone(config),
            started: Instant::now(),
            method: request.method().clone(),
            target: request.uri().path_and_query().cloned(),
            request_id: RequestId::of(request.headers(), &config.request_ids),
            grant: Grant::decide(&config.allowed_origins, request.headers()),
        }
    }

    /// The answer to a request that need not be routed at all.
    pub(super) fn answer_early<B>(&self, request: &Request<B>) -> Option<Response> {
        if target::is_too_long(request.uri()) {
            return Some(uri_too_long());
        }
        cors::is_preflight(&self.method, request.headers())
            .then(|| self.grant.answer_preflight(request.headers()))
    }

    /// Ends with the answer: writes what every answer has, and the log.
    pub(super) fn finish(&mut self, mut response: Response) -> Response {
        if let Some(problem) = find_problem(&mut response) {
            response = self.fill(response, problem);
        }
        let elapsed = self.started.elapsed();
        self.log(&response, elapsed);

        let headers = response.headers_mut();
        headers::write(headers, self.config.hsts);
        headers::write_process_time(headers, elapsed);
        headers.insert(X_REQUEST_ID, self.request_id.header_value());
        std::mem::replace(&mut self.grant, Grant::Nothing).write(headers);
        response
    }

    /// Puts the problem, with the request id, in the place of the body.
    fn fill(&self, response: Response, mut problem: Problem) -> Response {
        problem.tell_request_id(&self.request_id);
        let mut response = match &self.config.shape {
            Some(shape) => shape.retell(response, problem),
            None => tell(response, problem),
        };
        if self.method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        response
    }

    fn log(&self, response: &Response, elapsed: Duration) {
        let entry = LogEntry {
            method: &self.method,
            path: self.target.as_ref().map_or("", PathAndQuery::path),
            request_id: self.request_id.as_str(),
            status: response.status(),
            elapsed,
            is_slow: elapsed >= self.config.slow_request,
            cause: response.extensions().get(),
        };
        entry.write();
    }

    /// Returns the id that handlers find among the request's extensions.
    pub(super) fn request_id_extension(&self) -> RequestId {
        self.request_id.clone()
    }

    pub(super) fn deadline(&self) -> Duration {
        self.config.deadline
    }
}

fn tell(mut response: Response, problem: Problem) -> Response {
    let body = problem.render();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from(body);
    // Who stands further outside may tell it in other words.
    response.extensions_mut().insert(problem);
    response
}

fn uri_too_long() -> Response {
    Problem::new(
        StatusCode::URI_TOO_LONG,
        Code::UriTooLong,
        "Request target is longer than 8 KiB",
    )
    .into_response()
}
