//! Full names.

use std::fmt;
use std::str::FromStr;

/// The longest full name, in characters.
const LONGEST: usize = 200;

/// What a person is called: any script, 1 to 200 characters, without control characters.
///
/// ```
/// use doorward::FullName;
///
/// let name: FullName = " Anna Kowalska ".parse()?;
/// assert_eq!(name.as_str(), "Anna Kowalska");
/// # Ok::<(), doorward::InvalidFullName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

/// A text that can't be a full name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a full name has 1 to 200 characters and no control characters")]
pub struct InvalidFullName;

impl FullName {
    /// The name, without white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for FullName {
    type Err = InvalidFullName;

    fn from_str(text: &str) -> Result<Self, InvalidFullName> {
        let name = text.trim();
        let length = name.chars().count();
        if !(1..=LONGEST).contains(&length) || name.chars().any(char::is_control) {
            return Err(InvalidFullName);
        }
        Ok(Self(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_emptiness_are_refused() {
        assert!("Анна 王".parse::<FullName>().is_ok());
        for name in ["", "  ", "a\nb", "a\0", &"x".repeat(201)] {
            assert_eq!(name.parse::<FullName>(), Err(InvalidFullName), "{name:?}");
        }
    }
}
