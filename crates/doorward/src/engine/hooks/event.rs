//! What hooks are told.

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
