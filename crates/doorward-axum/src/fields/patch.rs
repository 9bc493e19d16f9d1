//! The three things that a PATCH can say of a field.

/// A field of a PATCH body: left out, set to `null`, or given a value.
///
/// ```
/// use doorward_axum::fields::Patch;
///
/// assert_eq!(Patch::Value("Ada").or_keep("Grace", ""), "Ada");
/// assert_eq!(Patch::Null.or_keep("Grace", ""), "");
/// assert_eq!(Patch::Absent.or_keep("Grace", ""), "Grace");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The member is not in the body: the field stays as it is.
    #[default]
    Absent,
    /// The member is `null`: the field is to be emptied.
    Null,
    /// The member has a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the member is in the body at all.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The value, where there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// What the field is afterwards, given what it is and what `null` means.
    #[must_use]
    pub fn or_keep(self, present: T, null: T) -> T {
        match self {
            Self::Absent => present,
            Self::Null => null,
            Self::Value(value) => value,
        }
    }

    /// Converts the value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(convert(value)),
        }
    }
}
