//! What a hook has against a registration.

use std::borrow::Cow;
use std::error::Error;

/// What a hook has against a registration.
///
/// ```
/// use doorward::RegistrationRefused;
///
/// let refused = RegistrationRefused::new("Registration is by invitation alone");
/// assert!(matches!(refused, RegistrationRefused::Because(_)));
///
/// let timeout = std::io::Error::from(std::io::ErrorKind::TimedOut);
/// let undecided = RegistrationRefused::undecided(timeout);
/// assert!(matches!(undecided, RegistrationRefused::Undecided(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationRefused {
    /// The application does not want it. Whoever asks is told this sentence.
    #[error("the application refuses the registration")]
    Because(Cow<'static, str>),
    /// Whether the application wants it can't be told at the moment. Whoever asks is to try
    /// again, and reads nothing of the reason, which is for operators.
    #[error("whether the application wants the registration can't be told")]
    Undecided(#[source] Box<dyn Error + Send + Sync>),
}

impl RegistrationRefused {
    /// Refused, with the sentence that whoever asks is told.
    pub fn new(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Because(sentence.into())
    }

    /// Not decided: what the application asks does not answer.
    pub fn undecided(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Undecided(reason.into())
    }
}
