//! What hooks are told.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::domain::account::{EmailAddress, FullName, User, Username};
use crate::domain::authz::RoleName;
use crate::domain::caller::Caller;
use crate::domain::id::SessionId;
use crate::engine::Doorward;

/// Somebody wants to register. `Debug` shows nothing of the person.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct BeforeRegister<'a> {
    /// The e-mail address; nobody has shown yet that it is theirs.
    pub email: Option<&'a EmailAddress>,
    /// The name to log in with.
    pub username: Option<&'a Username>,
    /// What the person is called.
    pub full_name: Option<&'a FullName>,
    /// The role that is asked for, one that may be self-assigned.
    pub role: &'a RoleName,
    /// Who asks, and from where.
    pub caller: &'a Caller,
    /// The engine.
    pub engine: &'a Doorward,
}

/// Somebody has registered. `Debug` shows the account's id alone.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct AfterRegister<'a> {
    /// The new account; its address is not verified yet.
    pub user: &'a User,
    /// Who asked, and from where.
    pub caller: &'a Caller,
    /// The engine.
    pub engine: &'a Doorward,
}

/// Somebody has logged in. `Debug` shows the ids alone.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct AfterLogin<'a> {
    /// The account as it was just before: `last_login_at` is that of the login before this one,
    /// and `None` at the first.
    pub user: &'a User,
    /// The session that was opened, the `sid` of its tokens.
    pub session: SessionId,
    /// Who asked, and from where.
    pub caller: &'a Caller,
    /// The engine.
    pub engine: &'a Doorward,
}

/// An access token is being issued. `Debug` shows the ids alone.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ClaimsContext<'a> {
    /// The account that it is for.
    pub user: &'a User,
    /// The session that it belongs to, its `sid`.
    pub session: SessionId,
}

impl fmt::Debug for BeforeRegister<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("BeforeRegister");
        shown.field("role", self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for AfterRegister<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("AfterRegister");
        shown.field("user", &self.user.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for AfterLogin<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("AfterLogin");
        shown
            .field("user", &self.user.id)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClaimsContext<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ClaimsContext");
        shown
            .field("user", &self.user.id)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

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
