//! Every error answer: RFC 9457 problem details, or what an application makes of them.

mod in_response;
mod kinds;
mod shape;

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{codes::Code, fault::Fault, request_id::RequestId};
pub(crate) use in_response::{Told, find_problem};
pub use kinds::Challenge;
pub(crate) use shape::AnyShape;
pub use shape::{ShapeFuture, ShapeProblems, ShapeService, shape_problems};

/// The media type of every error answer (RFC 9457 section 6.1).
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// An error answer: `{type, title, status, detail, code, request_id}`.
///
/// As a response it carries itself in the extensions, so that [`Edge`] can
/// write the request id into the body, and [`shape_problems`] give it another
/// body; without these layers the body stands as it is, without `request_id`.
///
/// [`Edge`]: crate::edge::Edge
///
/// ```
/// use axum::response::IntoResponse as _;
/// use doorward_axum::{codes::Code, problem::Problem};
/// use http::StatusCode;
///
/// let taken = Problem::new(
///     StatusCode::CONFLICT,
///     Code::EmailTaken,
///     "Email already registered",
/// );
/// assert_eq!(taken.into_response().status(), StatusCode::CONFLICT);
/// ```
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    code: Code,
    detail: Detail,
    headers: HeaderMap,
    /// Members that this kind of problem has of its own (RFC 9457 section 3.2).
    members: Map<String, Value>,
    cause: Option<InternalCause>,
    request_id: Option<RequestId>,
}

/// What `detail` holds: a sentence, or (422) the faults of the request.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Detail {
    Sentence(Cow<'static, str>),
    Faults(Vec<Fault>),
}

/// Why the server failed: a response extension that [`Edge`] logs with its
/// whole source chain and that no client sees.
///
/// [`Edge`]: crate::edge::Edge
#[derive(Clone)]
pub struct InternalCause(pub Arc<dyn Error + Send + Sync>);

impl fmt::Debug for InternalCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InternalCause")
    }
}

impl Problem {
    /// A problem with a sentence for people; the title is the status' reason
    /// phrase, the type is the code's URI.
    #[must_use]
    pub fn new(status: StatusCode, code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::with_detail(status, code, Detail::Sentence(detail.into()))
    }

    fn with_detail(status: StatusCode, code: Code, detail: Detail) -> Self {
        Self(Box::new(Inner {
            status,
            code,
            detail,
            headers: HeaderMap::new(),
            members: Map::new(),
            cause: None,
            request_id: None,
        }))
    }

    /// Adds a header to the answer, in place of one of the same name.
    ///
    /// ```
    /// use doorward_axum::problem::Problem;
    /// use http::{HeaderValue, header::LOCATION};
    ///
    /// let elsewhere = Problem::not_found().with_header(LOCATION, HeaderValue::from_static("/new"));
    /// assert_eq!(elsewhere.headers()[LOCATION], "/new");
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Adds a header of printable ASCII; other text is left out.
    pub(crate) fn with_text_header(self, name: HeaderName, text: String) -> Self {
        match HeaderValue::try_from(text) {
            Ok(value) => self.with_header(name, value),
            Err(_) => self,
        }
    }

    /// Adds a member of its own to the body (RFC 9457 section 3.2), in place of one of the
    /// same name; it must be none of those that every problem has.
    ///
    /// ```
    /// use doorward_axum::problem::Problem;
    ///
    /// let problem = Problem::forbidden().with_member("plan", "basic".into());
    /// assert_eq!(problem.members()["plan"], "basic");
    /// ```
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: Value) -> Self {
        self.0.members.insert(name.to_owned(), value);
        self
    }

    /// Adds `Retry-After` in seconds.
    ///
    /// ```
    /// use doorward_axum::{codes::Code, problem::Problem};
    /// use http::StatusCode;
    ///
    /// let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, "Later, please")
    ///     .with_retry_after(60);
    /// assert_eq!(problem.headers()["retry-after"], "60");
    /// ```
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Attaches the reason, an error or a sentence, for the log; it never reaches the client.
    ///
    /// ```
    /// use doorward_axum::problem::Problem;
    ///
    /// fn no_disk(error: std::io::Error) -> Problem {
    ///     Problem::internal().with_cause(error)
    /// }
    /// ```
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(InternalCause(cause.into().into()));
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The faults of a 422 answer; none where `detail` is a sentence.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match &self.0.detail {
            Detail::Sentence(_) => &[],
            Detail::Faults(faults) => faults,
        }
    }

    /// What to tell people: the sentence of `detail`; of a 422 answer the fields and what is
    /// wrong with each.
    ///
    /// ```
    /// use doorward_axum::fault::Fault;
    /// use doorward_axum::problem::Problem;
    ///
    /// assert_eq!(Problem::forbidden().message(), "Insufficient privileges");
    /// let missing = ["email", "password"].map(|field| Fault::missing(["body", field]));
    /// assert_eq!(
    ///     Problem::validation(missing.to_vec()).message(),
    ///     "email: Field required; password: Field required",
    /// );
    /// ```
    #[must_use]
    pub fn message(&self) -> String {
        match &self.0.detail {
            Detail::Sentence(sentence) => sentence.clone().into_owned(),
            Detail::Faults(faults) => {
                let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
                faults.join("; ")
            }
        }
    }

    /// The headers that the answer has besides those of its body, such as `WWW-Authenticate`
    /// and `Retry-After`.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The members that this kind of problem has of its own, such as the `captcha` to solve.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0.members
    }

    /// The request's id, where it is known: to [`shape_problems`] with an
    /// [`Edge`](crate::edge::Edge) on either side.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_ref().map(RequestId::as_str)
    }

    pub(crate) fn tell_request_id(&mut self, id: &RequestId) {
        self.0.request_id = Some(id.clone());
    }

    /// The body as JSON, with the request id where it is known.
    pub(crate) fn render(&self) -> Vec<u8> {
        let members = Members {
            uri: self.0.code.type_uri(),
            title: self.0.status.canonical_reason().unwrap_or("Unknown"),
            status: self.0.status.as_u16(),
            detail: &self.0.detail,
            code: self.0.code.as_str(),
            members: &self.0.members,
            request_id: self.request_id(),
        };
        // Strings, numbers and lists of them: there is nothing that could
        // fail; an empty body is still the right status.
        serde_json::to_vec(&members).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Members<'a> {
    #[serde(rename = "type")]
    uri: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a Detail,
    code: &'static str,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.code)
    }
}
