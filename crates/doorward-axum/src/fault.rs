//! One thing wrong with one field of a request, in FastAPI's shape.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// What pydantic writes before the messages of its users' own rules.
const PYDANTIC_PREFIX: &str = "Value error, ";

/// A step on the way to a field: a member's name, or a position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// The name of a member, or of the part of the request (`body`, `query`).
    Name(Cow<'static, str>),
    /// A zero-based position in an array, or in the text of malformed JSON.
    Index(usize),
}

impl From<&'static str> for Step {
    fn from(name: &'static str) -> Self {
        Self::Name(Cow::Borrowed(name))
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// One entry of the `detail` array of a 422 answer: `{type, loc, msg}`.
///
/// Types and messages are those of pydantic 2, which clients of FastAPI
/// services already know. What the client had sent is never echoed as `input`:
/// a password typed into the wrong field would travel into its logs.
///
/// ```
/// use doorward_axum::fault::Fault;
///
/// let fault = Fault::missing(["body", "email"]);
/// assert_eq!(
///     serde_json::to_string(&fault).unwrap(),
///     r#"{"type":"missing","loc":["body","email"],"msg":"Field required"}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: &'static str,
    loc: Vec<Step>,
    msg: Cow<'static, str>,
}

impl Fault {
    /// A fault of the pydantic type `kind` at `loc`.
    ///
    /// ```
    /// use doorward_axum::fault::{Fault, Step};
    ///
    /// let loc = [Step::from("body"), Step::from("lines"), Step::from(2)];
    /// let fault = Fault::new("value_error", loc, "Value error, the line is empty");
    /// assert_eq!(fault.to_string(), "lines.2: the line is empty");
    /// ```
    pub fn new<S: Into<Step>>(
        kind: &'static str,
        loc: impl IntoIterator<Item = S>,
        msg: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind,
            loc: loc.into_iter().map(Into::into).collect(),
            msg: msg.into(),
        }
    }

    /// A required field that was not sent.
    ///
    /// ```
    /// use doorward_axum::fault::Fault;
    /// use doorward_axum::problem::Problem;
    ///
    /// let problem = Problem::validation(vec![Fault::missing(["query", "from"])]);
    /// assert_eq!(problem.message(), "from: Field required");
    /// ```
    pub fn missing<S: Into<Step>>(loc: impl IntoIterator<Item = S>) -> Self {
        Self::new("missing", loc, "Field required")
    }

    /// The pydantic type, such as `missing` or `string_type`.
    ///
    /// ```
    /// # use doorward_axum::fault::Fault;
    /// assert_eq!(Fault::missing(["body", "email"]).kind(), "missing");
    /// ```
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Where the fault is, from the part of the request down to the field.
    ///
    /// ```
    /// # use doorward_axum::fault::{Fault, Step};
    /// let fault = Fault::missing(["body", "email"]);
    /// assert_eq!(fault.loc(), [Step::from("body"), Step::from("email")]);
    /// ```
    #[must_use]
    pub fn loc(&self) -> &[Step] {
        &self.loc
    }

    /// The sentence for people.
    ///
    /// ```
    /// # use doorward_axum::fault::Fault;
    /// assert_eq!(Fault::missing(["body", "email"]).msg(), "Field required");
    /// ```
    #[must_use]
    pub fn msg(&self) -> &str {
        &self.msg
    }
}

/// For people: the field, without the part of the request that it is in, and the sentence.
///
/// ```
/// # use doorward_axum::fault::Fault;
/// let fault = Fault::missing(["body", "email"]);
/// assert_eq!(fault.to_string(), "email: Field required");
/// ```
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.loc.get(1..).unwrap_or_default();
        // A position alone is one in a text, and no field.
        if field.iter().any(|step| matches!(step, Step::Name(_))) {
            for (place, step) in field.iter().enumerate() {
                let dot = if place > 0 { "." } else { "" };
                write!(f, "{dot}{step}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(self.msg.strip_prefix(PYDANTIC_PREFIX).unwrap_or(&self.msg))
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fault = serializer.serialize_struct("Fault", 3)?;
        fault.serialize_field("type", self.kind)?;
        fault.serialize_field("loc", &self.loc)?;
        fault.serialize_field("msg", &self.msg)?;
        fault.end()
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Step};

    #[test]
    fn people_read_the_field_and_the_sentence() {
        let body = Step::from("body");
        let faults = [
            (vec![], "Wrong"),
            (vec![body.clone()], "Wrong"),
            (vec![body.clone(), Step::from(12)], "Wrong"),
            (vec![body.clone(), Step::from("roles")], "roles: Wrong"),
            (
                vec![body.clone(), Step::from("roles"), Step::from(3)],
                "roles.3: Wrong",
            ),
            (
                vec![body, Step::from(3), Step::from("name")],
                "3.name: Wrong",
            ),
        ];
        for (loc, told) in faults {
            assert_eq!(Fault::new("value_error", loc, "Wrong").to_string(), told);
        }
        let own = Fault::new("value_error", ["query", "at"], "Value error, not a time");
        assert_eq!(own.to_string(), "at: not a time");
    }
}
