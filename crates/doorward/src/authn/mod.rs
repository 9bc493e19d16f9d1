//! Who is it? Passwords, login, and what an access token proves.

mod authenticate;
mod change_password;
pub(crate) mod lockout;
mod login;
mod new_password;
pub(crate) mod password;
mod reauthenticate;

pub use authenticate::{AuthenticateError, Authenticated, AuthenticatedSession};
pub use change_password::ChangePasswordError;
pub use lockout::LockoutPolicy;
pub use login::{LoginAttempt, LoginError, LoginIdentifier, LoginOutcome, UnknownName};
pub use new_password::{AssessPasswordError, PasswordAssessment};
pub(crate) use new_password::{NewPasswordRefused, fails_by_new_password};
pub use reauthenticate::Reauthentication;
pub(crate) use reauthenticate::ReauthenticationError;
