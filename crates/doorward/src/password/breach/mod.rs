//! Passwords that are known from data breaches.

#[cfg(feature = "http-client")]
mod range_query;
mod sha1;

use std::fmt::Debug;
use std::pin::Pin;

use crate::domain::password::Password;

#[cfg(feature = "http-client")]
pub use range_query::RangeQuery;
pub use sha1::PasswordSha1;

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
