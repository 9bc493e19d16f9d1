//! Who is it? Passwords, login, and what an access token proves.

mod authenticate;
mod change_password;
mod login;
pub(crate) mod password;
mod reauthenticate;

pub use authenticate::{AuthenticateError, Authenticated, AuthenticatedSession};
pub use change_password::ChangePasswordError;
pub use login::{LoginAttempt, LoginError, LoginIdentifier, LoginOutcome};
pub use reauthenticate::Reauthentication;
pub(crate) use reauthenticate::ReauthenticationError;
