//! One field's value, and the types it can become.

use std::borrow::Cow;

use uuid::Uuid;

use super::json::Json;
use crate::fault::{Fault, Step};

/// What was sent for one field.
///
/// JSON knows types and is held to them: `"1"` is no number and `1` no string.
/// Forms, queries and paths know text alone, which is read as pydantic reads
/// it: `true`, `1`, `on` and `yes` are all true.
#[derive(Debug)]
pub struct FieldValue(pub(super) Raw);

#[derive(Debug)]
pub(super) enum Raw {
    Text(String),
    Json(Json),
}

/// Why a value is refused; where it stood is added by [`Fields`].
///
/// [`Fields`]: super::Fields
///
/// ```
/// use doorward_axum::fields::{FieldFault, FieldValue, FromField};
///
/// struct Colour(String);
///
/// impl FromField for Colour {
///     fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
///         let text = String::from_field(value)?;
///         match text.as_str() {
///             "red" | "green" => Ok(Self(text)),
///             _ => Err(FieldFault::new("enum", "Input should be 'red' or 'green'")),
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault(Vec<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: &'static str,
    msg: Cow<'static, str>,
    /// Positions in lists on the way to the fault, outermost first.
    inside: Vec<usize>,
}

impl FieldFault {
    /// A fault of the pydantic type `kind`, with a sentence for people that
    /// must not hold the value.
    ///
    /// ```
    /// use doorward_axum::fields::FieldFault;
    ///
    /// let fault = FieldFault::new("enum", "Input should be 'red' or 'green'");
    /// # assert_ne!(fault, FieldFault::missing());
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, msg: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Inner {
            kind,
            msg: msg.into(),
            inside: Vec::new(),
        }])
    }

    /// A rule of ours that a value of the right type breaks: pydantic's
    /// `value_error`, whose messages begin with `Value error, `.
    ///
    /// ```
    /// use doorward_axum::fields::FieldFault;
    ///
    /// let fault = FieldFault::value_error("not a colour");
    /// assert_eq!(fault, FieldFault::new("value_error", "Value error, not a colour"));
    /// ```
    #[must_use]
    pub fn value_error(reason: &str) -> Self {
        Self::new("value_error", format!("Value error, {reason}"))
    }

    /// A string with fewer than `min` characters.
    ///
    /// ```
    /// use doorward_axum::fields::{FieldFault, FieldValue, FromField};
    ///
    /// struct Word(String);
    ///
    /// impl FromField for Word {
    ///     fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
    ///         match String::from_field(value)? {
    ///             text if text.is_empty() => Err(FieldFault::string_too_short(1)),
    ///             text => Ok(Self(text)),
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn string_too_short(min: usize) -> Self {
        let characters = if min == 1 { "character" } else { "characters" };
        Self::new(
            "string_too_short",
            format!("String should have at least {min} {characters}"),
        )
    }

    /// A string with more than `max` characters.
    ///
    /// ```
    /// use doorward_axum::fields::FieldFault;
    ///
    /// let message = "String should have at most 50 characters";
    /// assert_eq!(FieldFault::string_too_long(50), FieldFault::new("string_too_long", message));
    /// ```
    #[must_use]
    pub fn string_too_long(max: usize) -> Self {
        let characters = if max == 1 { "character" } else { "characters" };
        Self::new(
            "string_too_long",
            format!("String should have at most {max} {characters}"),
        )
    }

    /// A required field that was not sent, for rules such as "one of two".
    ///
    /// ```
    /// use doorward_axum::fields::{FieldFault, Fields, FromFields};
    ///
    /// /// An address or a number, whichever is there.
    /// struct Contact(String);
    ///
    /// impl FromFields for Contact {
    ///     fn from_fields(fields: &mut Fields) -> Option<Self> {
    ///         let (email, phone) = (fields.optional("email")?, fields.optional("phone")?);
    ///         match email.or(phone) {
    ///             Some(text) => Some(Self(text)),
    ///             None => fields.refuse("email", FieldFault::missing()),
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn missing() -> Self {
        Self::new("missing", "Field required")
    }

    /// With what else is wrong with the same value.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn into_item(mut self, index: usize) -> Self {
        for inner in &mut self.0 {
            inner.inside.insert(0, index);
        }
        self
    }

    pub(crate) fn into_faults(self, loc: &[Step]) -> impl Iterator<Item = Fault> {
        self.0.into_iter().map(move |inner| {
            let inside = inner.inside.into_iter().map(Step::Index);
            Fault::new(inner.kind, loc.iter().cloned().chain(inside), inner.msg)
        })
    }
}

/// A type that one field can be read as.
///
/// ```
/// use doorward_axum::fields::{FieldFault, FieldValue, FromField};
///
/// struct Locale(String);
///
/// impl FromField for Locale {
///     fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
///         let text = String::from_field(value)?;
///         match text.len() {
///             2 => Ok(Self(text)),
///             _ => Err(FieldFault::value_error("a locale has two letters")),
///         }
///     }
/// }
/// ```
pub trait FromField: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The fault of a value that is not of this type.
    fn from_field(value: FieldValue) -> Result<Self, FieldFault>;
}

impl FromField for String {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        match value.0 {
            Raw::Text(text) | Raw::Json(Json::String(text)) => without_nul(text),
            Raw::Json(_) => Err(FieldFault::new(
                "string_type",
                "Input should be a valid string",
            )),
        }
    }
}

/// PostgreSQL stores no NUL, C libraries end at it: no text of ours has one.
fn without_nul(text: String) -> Result<String, FieldFault> {
    if text.contains('\0') {
        return Err(FieldFault::value_error("NUL characters are not allowed"));
    }
    Ok(text)
}

impl FromField for bool {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        match value.0 {
            Raw::Json(Json::Bool(value)) => Ok(value),
            Raw::Json(_) => Err(FieldFault::new(
                "bool_type",
                "Input should be a valid boolean",
            )),
            Raw::Text(text) => bool_from_text(&text).ok_or_else(|| {
                FieldFault::new(
                    "bool_parsing",
                    "Input should be a valid boolean, unable to interpret input",
                )
            }),
        }
    }
}

fn bool_from_text(text: &str) -> Option<bool> {
    const TRUE: [&str; 6] = ["1", "true", "t", "on", "yes", "y"];
    const FALSE: [&str; 6] = ["0", "false", "f", "off", "no", "n"];
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if TRUE.iter().any(is) {
        Some(true)
    } else if FALSE.iter().any(is) {
        Some(false)
    } else {
        None
    }
}

impl FromField for i64 {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        match value.0 {
            Raw::Json(Json::Integer(value)) => Ok(value),
            Raw::Json(_) => Err(FieldFault::new(
                "int_type",
                "Input should be a valid integer",
            )),
            Raw::Text(text) => text.trim().parse().map_err(|_| {
                FieldFault::new(
                    "int_parsing",
                    "Input should be a valid integer, unable to parse string as an integer",
                )
            }),
        }
    }
}

/// A whole number from `MIN` to `MAX`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bounded<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Bounded<MIN, MAX> {
    /// The number.
    #[must_use]
    pub const fn value(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> FromField for Bounded<MIN, MAX> {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let number = i64::from_field(value)?;
        if number < MIN {
            return Err(FieldFault::new(
                "greater_than_equal",
                format!("Input should be greater than or equal to {MIN}"),
            ));
        }
        if number > MAX {
            return Err(FieldFault::new(
                "less_than_equal",
                format!("Input should be less than or equal to {MAX}"),
            ));
        }
        Ok(Self(number))
    }
}

impl FromField for u32 {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let number = Bounded::<0, { u32::MAX as i64 }>::from_field(value)?;
        // The bounds are those of the type.
        Ok(u32::try_from(number.value()).unwrap_or(u32::MAX))
    }
}

impl FromField for Uuid {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        match value.0 {
            Raw::Text(text) | Raw::Json(Json::String(text)) => hyphenated_uuid(&text)
                .ok_or_else(|| FieldFault::new("uuid_parsing", "Input should be a valid UUID")),
            Raw::Json(_) => Err(FieldFault::new(
                "uuid_type",
                "UUID input should be a string, bytes or UUID object",
            )),
        }
    }
}

/// One spelling alone, so that one thing has one address; `uuid` would also
/// read braces, `urn:uuid:` and 32 bare digits.
fn hyphenated_uuid(text: &str) -> Option<Uuid> {
    const HYPHENATED_LENGTH: usize = 36;
    (text.len() == HYPHENATED_LENGTH)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

impl<T: FromField> FromField for Vec<T> {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let Raw::Json(Json::Array(items)) = value.0 else {
            return Err(FieldFault::new("list_type", "Input should be a valid list"));
        };
        let mut list = Vec::with_capacity(items.len());
        let mut faults = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match T::from_field(FieldValue(Raw::Json(item))) {
                Ok(value) => list.push(value),
                Err(fault) => faults.extend(fault.into_item(index).0),
            }
        }
        if faults.is_empty() {
            Ok(list)
        } else {
            Err(FieldFault(faults))
        }
    }
}
