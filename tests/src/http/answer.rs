//! An answer, and what is asked of it.

use std::fmt;

use axum::body::Bytes;
use http::HeaderMap;
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The same answer, which must have this status.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A problem, which must have this status, code and sentence.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str, detail: &str) {
        let body = self.json();
        let told = (self.status, &body["code"], &body["detail"]);
        assert_eq!(
            told,
            (status, &Value::from(code), &Value::from(detail)),
            "{self}"
        );
    }

    /// The faults of a 422, each as `type loc msg`, which must be these in any order.
    #[track_caller]
    pub fn expect_faults(&self, expected: &[&str]) {
        assert_eq!(self.status, 422, "{self}");
        let mut faults: Vec<String> = self.json()["detail"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                let text = |name: &str| fault[name].as_str().unwrap().to_owned();
                let loc: Vec<String> = fault["loc"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|step| step.as_str().map_or(step.to_string(), str::to_owned))
                    .collect();
                format!("{} {} {}", text("type"), loc.join("."), text("msg"))
            })
            .collect();
        faults.sort_unstable();
        let mut expected: Vec<_> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(faults, expected);
    }

    /// The header, which must be text where it is there at all; of several, the first.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON, which it must be.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_slice(&self.body);
        assert!(parsed.is_ok(), "{self}");
        parsed.unwrap()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}
