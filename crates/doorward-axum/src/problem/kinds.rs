//! Constructors for the common kinds of problems.

use std::borrow::Cow;

use http::{HeaderValue, StatusCode, header};

use super::{Detail, Problem};
use crate::{
    codes::Code,
    fault::{Fault, Step},
};

/// What `WWW-Authenticate` asks for in a 401 answer (RFC 6750 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// No access token came with the request: the scheme alone.
    Bearer,
    /// The access token that came was refused: `error="invalid_token"`.
    InvalidToken,
}

impl Challenge {
    const fn header_value(self) -> HeaderValue {
        match self {
            Self::Bearer => HeaderValue::from_static("Bearer"),
            Self::InvalidToken => HeaderValue::from_static("Bearer error=\"invalid_token\""),
        }
    }
}

impl Problem {
    /// 401 with its challenge.
    ///
    /// ```
    /// use doorward_axum::codes::Code;
    /// use doorward_axum::problem::{Challenge, Problem};
    ///
    /// let problem = Problem::unauthorized(Code::NotAuthenticated, "Log in first", Challenge::Bearer);
    /// assert_eq!((problem.status().as_u16(), problem.message()), (401, "Log in first".to_owned()));
    /// ```
    #[must_use]
    pub fn unauthorized(
        code: Code,
        detail: impl Into<Cow<'static, str>>,
        challenge: Challenge,
    ) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
            .with_header(header::WWW_AUTHENTICATE, challenge.header_value())
    }

    /// 403 `Insufficient privileges`.
    ///
    /// ```
    /// use doorward_axum::{CurrentUser, problem::Problem};
    /// use uuid::Uuid;
    ///
    /// fn check_owner(user: &CurrentUser, owner: Uuid) -> Result<(), Problem> {
    ///     if user.id.as_uuid() == owner { Ok(()) } else { Err(Problem::forbidden()) }
    /// }
    /// ```
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            Code::InsufficientPrivileges,
            "Insufficient privileges",
        )
    }

    /// 403 `Email not verified`: what more there is to do is for verified accounts.
    ///
    /// ```
    /// use doorward_axum::{CurrentUser, problem::Problem};
    ///
    /// fn check_verified(user: &CurrentUser) -> Result<(), Problem> {
    ///     if user.is_verified() { Ok(()) } else { Err(Problem::email_not_verified()) }
    /// }
    /// ```
    #[must_use]
    pub fn email_not_verified() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            Code::EmailNotVerified,
            "Email not verified",
        )
    }

    /// 403 `Log in again`, with the challenge that tells how many seconds ago the login may be
    /// at most (RFC 9470 §3).
    ///
    /// Not 401: the token is good, and clients that answer that status by a refresh would go
    /// round in circles.
    ///
    /// ```
    /// use doorward_axum::problem::Problem;
    ///
    /// let problem = Problem::recent_login_required(300);
    /// let challenge = problem.headers()["www-authenticate"].to_str()?;
    /// assert!(challenge.ends_with("max_age=\"300\""));
    /// # Ok::<(), http::header::ToStrError>(())
    /// ```
    #[must_use]
    pub fn recent_login_required(max_age_seconds: u64) -> Self {
        let challenge = format!(
            "Bearer error=\"insufficient_user_authentication\", max_age=\"{max_age_seconds}\""
        );
        Self::new(
            StatusCode::FORBIDDEN,
            Code::ReauthenticationRequired,
            "Log in again",
        )
        .with_text_header(header::WWW_AUTHENTICATE, challenge)
    }

    /// 404 `Not Found`.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use doorward_axum::problem::Problem;
    ///
    /// fn find_order(orders: &HashMap<u32, String>, id: u32) -> Result<&str, Problem> {
    ///     orders.get(&id).map(String::as_str).ok_or_else(Problem::not_found)
    /// }
    /// ```
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, "Not Found")
    }

    /// 405 `Method Not Allowed`; the router adds `Allow`.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::MethodNotAllowed,
            "Method Not Allowed",
        )
    }

    /// 422 with every fault of the request.
    ///
    /// ```
    /// use doorward_axum::{fault::Fault, problem::Problem};
    ///
    /// let fault = Fault::new("value_error", ["body", "seats"], "Value error, sold out");
    /// let problem = Problem::validation(vec![fault]);
    /// assert_eq!((problem.status().as_u16(), problem.faults().len()), (422, 1));
    /// ```
    #[must_use]
    pub fn validation(faults: Vec<Fault>) -> Self {
        Self::with_detail(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::ValidationError,
            Detail::Faults(faults),
        )
    }

    /// 422 for a body that is not one JSON value; `reason` tells what the
    /// parser met at the byte `position`, never what the body held.
    #[must_use]
    pub fn malformed_json(position: usize, reason: &str) -> Self {
        let fault = Fault::new(
            "json_invalid",
            [Step::from("body"), Step::from(position)],
            format!("JSON decode error: {reason}"),
        );
        Self::with_detail(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::MalformedJson,
            Detail::Faults(vec![fault]),
        )
    }

    /// 415; `expected` names the media types the endpoint reads.
    #[must_use]
    pub fn unsupported_media_type(expected: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::UnsupportedMediaType,
            format!("Content-Type must be {expected}"),
        )
    }

    /// 413 for a body of more than 64 KiB.
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::BodyTooLarge,
            "Request body is larger than 64 KiB",
        )
    }

    /// 503 with `Retry-After` in seconds.
    ///
    /// ```
    /// use doorward_axum::{codes::Code, problem::Problem};
    ///
    /// let problem = Problem::unavailable(Code::Unavailable, "The warehouse does not answer", 5);
    /// assert_eq!((problem.status().as_u16(), &problem.headers()["retry-after"]), (503, &"5".parse()?));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn unavailable(
        code: Code,
        detail: impl Into<Cow<'static, str>>,
        retry_after_seconds: u32,
    ) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .with_retry_after(retry_after_seconds)
    }

    /// 503 for a request that outlived the server's deadline.
    ///
    /// Not 504, which speaks of a gateway's upstream (RFC 9110 section 15.6.5).
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        Self::unavailable(Code::DeadlineExceeded, "The request took too long", 1)
    }

    /// 500 `Internal Server Error`; see [`Problem::with_cause`].
    ///
    /// ```
    /// use doorward_axum::problem::Problem;
    ///
    /// // The client hears `Internal Server Error`, the log why.
    /// let problem = Problem::internal().with_cause("the printer is on fire");
    /// assert_eq!(problem.message(), "Internal Server Error");
    /// ```
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::InternalError,
            "Internal Server Error",
        )
    }
}
