//! The one place where the engine's errors become HTTP.
//!
//! This file converts what several operations share; the child modules convert the error of each
//! operation.

mod account;
mod authn;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::time::Duration;

use doorward::{CaptchaRefused, Denied, Failure, HasherBusy, PasswordRejected, Throttled};
use http::{HeaderName, StatusCode};

use crate::codes::Code;
use crate::fault::Step;
use crate::fields::FieldFault;
use crate::problem::Problem;
use crate::wire::CaptchaBody;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The `Retry-After` in seconds when a captcha cannot be verified.
const CAPTCHA_RETRY_AFTER: u32 = 5;

impl From<Denied> for Problem {
    fn from(_: Denied) -> Self {
        Self::forbidden()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        const UNAVAILABLE: &str = "Service temporarily unavailable";

        let busy = failure
            .source()
            .is_some_and(|source| source.is::<HasherBusy>());
        match failure.retry_after() {
            // Overload is not logged once per request.
            Some(wait) if busy => {
                return Self::unavailable(Code::Overloaded, UNAVAILABLE, seconds(wait));
            }
            Some(wait) => Self::unavailable(Code::Unavailable, UNAVAILABLE, seconds(wait)),
            None => Self::internal(),
        }
        .with_cause(failure)
    }
}

/// Adds the fields of draft-ietf-httpapi-ratelimit-headers-10: the policy that was exceeded, what
/// is left of its quota, and after how many seconds there is more.
impl From<Throttled> for Problem {
    fn from(throttled: Throttled) -> Self {
        let wait = seconds(throttled.retry_after);
        let (name, rate) = (throttled.class.as_str(), throttled.rate);
        let policy = format!(
            "\"{name}\";q={};w={}",
            rate.limit(),
            rate.window().as_secs()
        );
        let state = format!("\"{name}\";r={};t={wait}", throttled.remaining);
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            Code::RateLimited,
            "Too many requests, try again later",
        )
        .with_retry_after(wait)
        .with_text_header(RATE_LIMIT_POLICY, policy)
        .with_text_header(RATE_LIMIT, state)
    }
}

impl From<CaptchaRefused> for Problem {
    fn from(refused: CaptchaRefused) -> Self {
        let (code, detail, challenge) = match refused {
            CaptchaRefused::Required(challenge) => {
                (Code::CaptchaRequired, "Captcha required", challenge)
            }
            CaptchaRefused::Wrong(challenge) => {
                (Code::CaptchaWrong, "Captcha not solved", challenge)
            }
            CaptchaRefused::Unavailable(unavailable) => {
                return Self::unavailable(
                    Code::Unavailable,
                    "Service temporarily unavailable",
                    CAPTCHA_RETRY_AFTER,
                )
                .with_cause(unavailable);
            }
        };
        Self::new(StatusCode::FORBIDDEN, code, detail)
            .with_member("captcha", CaptchaBody::required(*challenge).into_value())
    }
}

/// Rounds up to whole seconds, at least one.
fn seconds(wait: Duration) -> u32 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(rounded_up).unwrap_or(u32::MAX).max(1)
}

fn locked(retry_after: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        Code::AccountLocked,
        "Too many failed attempts, try again later",
    )
    .with_retry_after(seconds(retry_after))
}

fn invalid_one_time_token() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::InvalidOneTimeToken,
        "Invalid or expired token",
    )
}

fn not_found(detail: &'static str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, Code::NotFound, detail)
}

fn password_incorrect() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::IncorrectPassword,
        "Current password is incorrect",
    )
}

fn password_rejected(field: &'static str, rejected: PasswordRejected) -> Problem {
    let loc = [Step::from("body"), Step::from(field)];
    Problem::validation(FieldFault::from(rejected).into_faults(&loc).collect())
}
