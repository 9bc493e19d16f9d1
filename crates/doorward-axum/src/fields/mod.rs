//! Reading requests: every fault at once, in FastAPI's shape.
//!
//! A request type says how it is read by [`FromFields`]; the extractors
//! [`JsonBody`], [`FormBody`], [`JsonOrForm`], [`OptionalJsonBody`], [`Query`]
//! and [`PathParam`] do the rest, and refuse with a
//! [`Problem`].

mod body;
mod extract;
mod json;
mod media_type;
mod patch;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use self::{extract::read_json_fields, media_type::MediaType};
pub use self::{
    extract::{FormBody, JsonBody, JsonOrForm, OptionalJsonBody, PathParam, Query},
    patch::Patch,
    value::{Bounded, FieldFault, FieldValue, FromField},
};
use self::{json::Json, value::Raw};
use crate::{
    fault::{Fault, Step},
    problem::Problem,
};

/// More faults than this are not told: a list of thousands of wrong items
/// would make the answer many times the request.
const MAX_FAULTS: usize = 50;

/// A request type that is made of fields.
///
/// Every field is read first, then `?` is used, so that all faults are found:
///
/// ```
/// use doorward_axum::fields::{Fields, FromFields};
///
/// struct Registration {
///     email: String,
///     full_name: Option<String>,
/// }
///
/// impl FromFields for Registration {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         let email = fields.required("email");
///         let full_name = fields.optional("full_name");
///         Some(Self { email: email?, full_name: full_name? })
///     }
/// }
///
/// let body = br#"{"full_name": 7}"#;
/// let refused = Fields::from_json(body).unwrap().parse::<Registration>();
/// assert_eq!(refused.err().unwrap().faults().len(), 2);
/// ```
pub trait FromFields: Sized {
    /// Reads the fields; `None` after at least one fault was recorded.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// The fields of one part of a request, and the faults found so far.
///
/// A field is moved out when it is read. Fields that nobody reads are ignored,
/// as FastAPI ignores them.
///
/// ```
/// use doorward_axum::fields::Fields;
///
/// let mut fields = Fields::from_form(b"name=Anna+Ada&age=&city=")?;
/// assert_eq!(fields.required("name"), Some("Anna Ada".to_owned()));
/// assert_eq!(fields.optional::<i64>("age"), Some(None));
/// # Ok::<(), doorward_axum::problem::Problem>(())
/// ```
#[derive(Debug)]
pub struct Fields {
    part: Part,
    entries: Vec<(String, Raw)>,
    faults: Vec<Fault>,
}

/// The part of the request that the fields come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Json,
    Form,
    Query,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Json | Self::Form => "body",
            Self::Query => "query",
        }
    }
}

enum Taken {
    Absent,
    Null,
    Value(FieldValue),
    Twice,
}

impl Fields {
    /// The members of a JSON object.
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let mut fields = Fields::from_json(br#"{"name": "Anna"}"#)?;
    /// assert_eq!(fields.required("name"), Some("Anna".to_owned()));
    /// assert!(Fields::from_json(b"[1, 2]").is_err());
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    ///
    /// # Errors
    /// 422 `malformed_json` if the text is not exactly one JSON value in UTF-8
    /// of at most 128 levels without duplicate members; 422
    /// `validation_error` if it is empty or not an object.
    pub fn from_json(text: &[u8]) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::validation(vec![Fault::missing(["body"])]));
        }
        match json::parse(text) {
            Ok(Json::Object(members)) => Ok(Self::new(
                Part::Json,
                members
                    .into_iter()
                    .map(|(name, value)| (name, Raw::Json(value))),
            )),
            Ok(_) => Err(Problem::validation(vec![Fault::new(
                "model_attributes_type",
                ["body"],
                "Input should be a valid dictionary or object to extract fields from",
            )])),
            Err(error) => Err(Problem::malformed_json(error.position, &error.reason)),
        }
    }

    /// The fields of an `application/x-www-form-urlencoded` body. A field
    /// without text counts as absent: browsers send every input of a form.
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let mut fields = Fields::from_form(b"name=Anna+Ada&nickname=")?;
    /// assert_eq!(fields.required("name"), Some("Anna Ada".to_owned()));
    /// assert!(!fields.contains("nickname"));
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    ///
    /// # Errors
    /// 422 if an escape is not whole or the text is not UTF-8.
    pub fn from_form(text: &[u8]) -> Result<Self, Problem> {
        let mut fields = Self::from_text(Part::Form, text)?;
        fields
            .entries
            .retain(|(_, value)| !matches!(value, Raw::Text(text) if text.is_empty()));
        Ok(fields)
    }

    /// The parameters of a query string (what follows `?`).
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let mut fields = Fields::from_query("only_mine=yes&limit=20")?;
    /// assert_eq!(fields.required("only_mine"), Some(true));
    /// assert_eq!(fields.required("limit"), Some(20_u32));
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    ///
    /// # Errors
    /// 422 if an escape is not whole or the text is not UTF-8.
    pub fn from_query(text: &str) -> Result<Self, Problem> {
        Self::from_text(Part::Query, text.as_bytes())
    }

    fn from_text(part: Part, text: &[u8]) -> Result<Self, Problem> {
        match text::parse(text) {
            Ok(pairs) => Ok(Self::new(
                part,
                pairs
                    .into_iter()
                    .map(|(name, value)| (name, Raw::Text(value))),
            )),
            Err(error) => Err(Problem::validation(vec![Fault::new(
                "value_error",
                [part.name()],
                error.reason(),
            )])),
        }
    }

    /// No JSON members at all.
    fn empty() -> Self {
        Self::new(Part::Json, [])
    }

    fn new(part: Part, entries: impl IntoIterator<Item = (String, Raw)>) -> Self {
        Self {
            part,
            entries: entries.into_iter().collect(),
            faults: Vec::new(),
        }
    }

    /// Reads all of them as a `T`.
    ///
    /// ```
    /// use doorward_axum::fields::{Fields, FromFields};
    ///
    /// #[derive(Debug)]
    /// struct Named(String);
    ///
    /// impl FromFields for Named {
    ///     fn from_fields(fields: &mut Fields) -> Option<Self> {
    ///         fields.required("name").map(Self)
    ///     }
    /// }
    ///
    /// let Named(name) = Fields::from_json(br#"{"name": "Anna"}"#)?.parse()?;
    /// assert_eq!(name, "Anna");
    /// let refused = Fields::from_json(b"{}")?.parse::<Named>().unwrap_err();
    /// assert_eq!(refused.message(), "name: Field required");
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    ///
    /// # Errors
    /// 422 `validation_error` with every fault that was recorded.
    pub fn parse<T: FromFields>(self) -> Result<T, Problem> {
        self.parse_with(T::from_fields)
    }

    /// Reads all of them with `read`, refused as by [`Fields::parse`].
    pub(crate) fn parse_with<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Problem> {
        match read(&mut self) {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Problem::validation(self.faults)),
        }
    }

    /// Whether the request has a field `name` that was not read yet, be it
    /// `null`.
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let fields = Fields::from_json(br#"{"role": null}"#)?;
    /// assert!(fields.contains("role") && !fields.contains("roles"));
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.entries.iter().any(|(other, _)| other == name)
    }

    /// The text of a field that was not read yet, whatever it will be read as; `None` where it
    /// is not there or no text.
    pub(crate) fn peek(&self, name: &str) -> Option<&str> {
        let (_, value) = self.entries.iter().find(|(other, _)| other == name)?;
        match value {
            Raw::Text(text) | Raw::Json(Json::String(text)) => Some(text),
            Raw::Json(_) => None,
        }
    }

    /// A field that must be there; `null` is a value of the wrong type.
    /// `None` after its fault was recorded.
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let mut fields = Fields::from_json(br#"{"name": "Anna", "city": null}"#)?;
    /// assert_eq!(fields.required("name"), Some("Anna".to_owned()));
    /// assert_eq!(fields.required::<String>("city"), None);
    /// assert_eq!(fields.required::<String>("street"), None);
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    pub fn required<T: FromField>(&mut self, name: &'static str) -> Option<T> {
        match self.take(name) {
            Taken::Absent => self.refuse(name, FieldFault::missing()),
            Taken::Null => self.read(name, FieldValue(Raw::Json(Json::Null))),
            Taken::Value(value) => self.read(name, value),
            Taken::Twice => self.refuse_twice(name),
        }
    }

    /// A field that may be left out or be `null`, both of which are
    /// `Some(None)`. `None` after its fault was recorded.
    ///
    /// ```
    /// use doorward_axum::fields::Fields;
    ///
    /// let mut fields = Fields::from_json(br#"{"age": 36, "city": null, "street": 7}"#)?;
    /// assert_eq!(fields.optional("age"), Some(Some(36_u32)));
    /// assert_eq!(fields.optional::<String>("city"), Some(None));
    /// assert_eq!(fields.optional::<String>("street"), None);
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    pub fn optional<T: FromField>(&mut self, name: &'static str) -> Option<Option<T>> {
        self.present(name).map(Patch::value)
    }

    /// A field of which it matters whether it was left out or is `null`.
    /// `None` after its fault was recorded.
    ///
    /// ```
    /// use doorward_axum::fields::{Fields, Patch};
    ///
    /// let mut fields = Fields::from_json(br#"{"age": 36, "city": null}"#)?;
    /// assert_eq!(fields.present("age"), Some(Patch::Value(36_u32)));
    /// assert_eq!(fields.present::<String>("city"), Some(Patch::Null));
    /// assert_eq!(fields.present::<String>("street"), Some(Patch::Absent));
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    pub fn present<T: FromField>(&mut self, name: &'static str) -> Option<Patch<T>> {
        match self.take(name) {
            Taken::Absent => Some(Patch::Absent),
            Taken::Null => Some(Patch::Null),
            Taken::Value(value) => self.read(name, value).map(Patch::Value),
            Taken::Twice => self.refuse_twice(name),
        }
    }

    /// Records a fault of the field `name`; always `None`.
    ///
    /// ```
    /// use doorward_axum::fields::{FieldFault, Fields, FromFields};
    ///
    /// struct Stay {
    ///     nights: i64,
    /// }
    ///
    /// impl FromFields for Stay {
    ///     fn from_fields(fields: &mut Fields) -> Option<Self> {
    ///         let (from, to): (Option<i64>, Option<i64>) =
    ///             (fields.required("from"), fields.required("to"));
    ///         let nights = to? - from?;
    ///         if nights < 1 {
    ///             return fields.refuse("to", FieldFault::value_error("nobody leaves before they come"));
    ///         }
    ///         Some(Self { nights })
    ///     }
    /// }
    ///
    /// let refused = Fields::from_query("from=7&to=3")?.parse::<Stay>().err();
    /// let message = refused.map(|problem| problem.message());
    /// assert_eq!(message.as_deref(), Some("to: nobody leaves before they come"));
    /// # assert_eq!(Fields::from_query("from=3&to=7")?.parse::<Stay>()?.nights, 4);
    /// # Ok::<(), doorward_axum::problem::Problem>(())
    /// ```
    pub fn refuse<T>(&mut self, name: &'static str, fault: FieldFault) -> Option<T> {
        let loc = [Step::from(self.part.name()), Step::from(name)];
        let room = MAX_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(fault.into_faults(&loc).take(room));
        None
    }

    fn refuse_twice<T>(&mut self, name: &'static str) -> Option<T> {
        self.refuse(
            name,
            FieldFault::value_error("the field was sent more than once"),
        )
    }

    fn read<T: FromField>(&mut self, name: &'static str, value: FieldValue) -> Option<T> {
        match T::from_field(value) {
            Ok(value) => Some(value),
            Err(fault) => self.refuse(name, fault),
        }
    }

    fn take(&mut self, name: &str) -> Taken {
        let Some(at) = self.entries.iter().position(|(other, _)| other == name) else {
            return Taken::Absent;
        };
        let (_, value) = self.entries.swap_remove(at);
        if self.contains(name) {
            return Taken::Twice;
        }
        match value {
            Raw::Json(Json::Null) => Taken::Null,
            value => Taken::Value(FieldValue(value)),
        }
    }
}
