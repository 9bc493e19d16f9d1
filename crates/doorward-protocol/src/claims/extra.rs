//! Claims that an application adds to ours.

use std::borrow::Cow;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::reserved;

/// The name of a claim that an application adds: printable ASCII, and none that is
/// [reserved](super::RESERVED_CLAIMS).
///
/// ```
/// use doorward_protocol::claims::ClaimName;
///
/// const TENANT: ClaimName = ClaimName::new("tenant");
///
/// assert_eq!(TENANT.as_str(), "tenant");
/// assert!("https://example.com/plan".parse::<ClaimName>().is_ok());
/// assert!("sub".parse::<ClaimName>().is_err());
/// ```
///
/// A reserved name in the code does not compile:
///
/// ```compile_fail
/// # use doorward_protocol::claims::ClaimName;
/// const SUBJECT: ClaimName = ClaimName::new("sub");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimName(Cow<'static, str>);

/// A claim can't have this name: it is reserved, empty, or not of printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a claim is reserved, empty or not of printable ASCII")]
pub struct ReservedClaim;

impl ClaimName {
    /// A name that stands in the code.
    ///
    /// # Panics
    /// Where it is reserved, empty or not of printable ASCII; in a constant, it does not compile.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(
            !reserved::is_reserved(name),
            "the name of a claim is reserved, empty or not of printable ASCII"
        );
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClaimName {
    type Err = ReservedClaim;

    fn from_str(name: &str) -> Result<Self, ReservedClaim> {
        if reserved::is_reserved(name) {
            return Err(ReservedClaim);
        }
        Ok(Self(Cow::Owned(name.to_owned())))
    }
}

/// Claims that an application adds to an access token.
///
/// None of them can stand in the place of one of ours, nor of one that a standard gives a
/// meaning for who may do what.
///
/// Whoever has the token can read them: nothing secret belongs there. A token has room for
/// 8 KiB altogether, a browser's cookie for half of that.
///
/// ```
/// use doorward_protocol::claims::{ClaimName, ExtraClaims};
///
/// const TENANT: ClaimName = ClaimName::new("tenant");
///
/// let mut claims = ExtraClaims::new().with(TENANT, 7);
/// claims.insert("plan", "gold")?;
/// assert!(claims.insert("roles", vec!["admin"]).is_err());
/// # Ok::<(), doorward_protocol::claims::ReservedClaim>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ExtraClaims(Map<String, Value>);

impl ExtraClaims {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with this claim, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: ClaimName, value: impl Into<Value>) -> Self {
        self.0.insert(name.0.into_owned(), value.into());
        self
    }

    /// Adds a claim whose name is known at run time alone, in place of one of the same name.
    ///
    /// # Errors
    /// [`ReservedClaim`] where the name can't be a [`ClaimName`].
    pub fn insert(
        &mut self,
        name: &str,
        value: impl Into<Value>,
    ) -> Result<&mut Self, ReservedClaim> {
        let name: ClaimName = name.parse()?;
        self.0.insert(name.0.into_owned(), value.into());
        Ok(self)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
