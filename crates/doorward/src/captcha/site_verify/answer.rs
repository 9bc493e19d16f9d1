//! What siteverify answers.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::CaptchaService;
use crate::http_client::Answer;

/// The lowest score of reCAPTCHA version 3 that passes: from 0, a machine, to 1, a person.
const LOWEST_SCORE: f64 = 0.5;

/// Errors that are not the client's: to ask for another token would not help.
const OUR_FAULTS: [&str; 8] = [
    "missing-input-secret",
    "invalid-input-secret",
    "sitekey-secret-mismatch",
    "not-using-dummy-secret",
    "invalid-keys",
    "bad-request",
    "internal-error",
    "rate-limited",
];

/// The answer about one token.
#[derive(Debug, Deserialize)]
pub(super) struct Verification {
    success: bool,
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    score: Option<f64>,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

impl Verification {
    /// Reads the answer; `None` where it is not one, or the service failed.
    pub(super) fn read(answer: &Answer) -> Option<Self> {
        // An object, not a list in the order of the fields.
        let members: Map<String, Value> = serde_json::from_slice(&answer.body).ok()?;
        let read: Self = serde_json::from_value(Value::Object(members)).ok()?;
        // Some services refuse with a status of 4xx; nobody lets in with one.
        let fits = answer.status.is_success() || (answer.status.is_client_error() && !read.success);
        fits.then_some(read)
    }

    /// Why the service did not look at the token.
    pub(super) fn our_fault(&self) -> Option<&'static str> {
        OUR_FAULTS
            .into_iter()
            .find(|fault| !self.success && self.error_codes.iter().any(|code| code == fault))
    }

    pub(super) fn is_passed(&self, service: CaptchaService, hostname: Option<&str>) -> bool {
        // The scores of others mean something else: hCaptcha's is that of a threat.
        let scored = service == CaptchaService::Recaptcha;
        self.success
            && hostname.is_none_or(|expected| self.is_on(expected))
            && self
                .score
                .is_none_or(|score| !scored || score >= LOWEST_SCORE)
    }

    fn is_on(&self, expected: &str) -> bool {
        let hostname = self.hostname.as_deref();
        hostname.is_some_and(|hostname| hostname.eq_ignore_ascii_case(expected))
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;
    use CaptchaService::{HCaptcha, Recaptcha, Turnstile};

    fn read(status: u16, body: &str) -> Option<Verification> {
        Verification::read(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn a_token_passes_where_the_service_says_so() {
        let cases = [
            (Turnstile, None, r#"{"success": true}"#, true),
            (Turnstile, None, r#"{"success": false}"#, false),
            (
                Turnstile,
                None,
                r#"{"success": true, "error-codes": [], "action": "x"}"#,
                true,
            ),
            (
                HCaptcha,
                Some("a.example"),
                r#"{"success": true, "hostname": "A.example"}"#,
                true,
            ),
            (
                HCaptcha,
                Some("a.example"),
                r#"{"success": true, "hostname": "b.example"}"#,
                false,
            ),
            (HCaptcha, Some("a.example"), r#"{"success": true}"#, false),
            (
                HCaptcha,
                None,
                r#"{"success": true, "hostname": "b.example"}"#,
                true,
            ),
            (HCaptcha, None, r#"{"success": true, "score": 0.1}"#, true),
            (Recaptcha, None, r#"{"success": true, "score": 0.5}"#, true),
            (
                Recaptcha,
                None,
                r#"{"success": true, "score": 0.49}"#,
                false,
            ),
            (
                Recaptcha,
                None,
                r#"{"success": false, "score": 0.9}"#,
                false,
            ),
            (Recaptcha, None, r#"{"success": true, "score": null}"#, true),
        ];
        for (service, hostname, body, is_passed) in cases {
            let verification = read(200, body).unwrap();
            assert_eq!(verification.our_fault(), None, "{body}");
            assert_eq!(
                verification.is_passed(service, hostname),
                is_passed,
                "{body}"
            );
        }
    }

    #[test]
    fn a_wrong_secret_is_not_the_fault_of_the_client() {
        let body = r#"{"success": false, "error-codes": ["other", "invalid-input-secret"]}"#;
        assert_eq!(
            read(400, body).unwrap().our_fault(),
            Some("invalid-input-secret")
        );
        let body = r#"{"success": false, "error-codes": ["timeout-or-duplicate"]}"#;
        assert_eq!(read(200, body).unwrap().our_fault(), None);
    }

    #[test]
    fn what_is_no_answer_is_not_read() {
        for (status, body) in [
            (200, ""),
            (200, "<html>"),
            (200, "{}"),
            (200, r#"{"success": "true"}"#),
            (200, r#"{"success": 1}"#),
            (200, "[true]"),
            (302, r#"{"success": true}"#),
            (403, r#"{"success": true}"#),
            (500, r#"{"success": true}"#),
            (503, r#"{"success": false}"#),
        ] {
            assert!(read(status, body).is_none(), "{status} {body}");
        }
        assert!(read(400, r#"{"success": false}"#).is_some());
    }
}
