//! Passwords that are known from data breaches.

#[cfg(feature = "http-client")]
mod range_query;

use std::fmt::{self, Debug};
use std::pin::Pin;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY};
use zeroize::Zeroizing;

use crate::domain::password::Password;

#[cfg(feature = "http-client")]
pub use range_query::RangeQuery;

/// Knows passwords that became public when data was stolen.
///
/// Nobody is kept from choosing a password where it can't tell: then the engine says so in its
/// log and its audit trail, and goes on. It waits for five seconds at most.
///
/// ```
/// use std::pin::Pin;
/// use doorward::{BreachCheckUnavailable, BreachedPasswords, Password};
///
/// #[derive(Debug)]
/// struct OurOwnList;
///
/// impl BreachedPasswords for OurOwnList {
///     fn contains<'a>(
///         &'a self,
///         password: &'a Password,
///     ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>> {
///         Box::pin(async move { Ok(password.as_str() == "widgets-2019") })
///     }
/// }
/// ```
pub trait BreachedPasswords: Send + Sync + Debug {
    /// Whether `password` is known from a breach.
    ///
    /// # Errors
    /// [`BreachCheckUnavailable`] where it can't be told at the moment.
    fn contains<'a>(
        &'a self,
        password: &'a Password,
    ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>>;
}

/// Whether a password is known from a breach can't be told at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("passwords can't be looked for in data breaches: {reason}")]
pub struct BreachCheckUnavailable {
    reason: String,
}

impl BreachCheckUnavailable {
    /// For this reason, which operators read: it must tell nothing of the password.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The SHA-1 of a password as 40 upper-case hexadecimal digits: what published lists of
/// breached passwords hold. It is soon guessed, and as secret as the password.
///
/// ```
/// use doorward::{Password, PasswordSha1};
///
/// let hash = PasswordSha1::of(&Password::new("password".to_owned()));
/// assert_eq!(hash.as_str(), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
/// ```
pub struct PasswordSha1(Zeroizing<String>);

impl PasswordSha1 {
    /// Hashes the bytes of the password as they are.
    pub fn of(password: &Password) -> Self {
        let hash = digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let mut text = Zeroizing::new(String::with_capacity(2 * hash.as_ref().len()));
        for byte in hash.as_ref() {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        Self(text)
    }

    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordSha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordSha1(..)")
    }
}
