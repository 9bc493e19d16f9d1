//! Who somebody is: login, access tokens, and the password shown once more.

pub(crate) mod attempt;
pub(crate) mod authenticate;
pub(crate) mod change_password;
pub(crate) mod login;
pub(crate) mod new_password;
pub(crate) mod reauthenticate;

pub use authenticate::AuthenticateError;
pub use change_password::ChangePasswordError;
pub use login::{LoginAttempt, LoginError, LoginIdentifier, LoginOutcome, UnknownName};
pub use new_password::{AssessPasswordError, PasswordAssessment};
pub(crate) use new_password::{NewPasswordRefused, fails_by_new_password};
pub use reauthenticate::Reauthentication;
pub(crate) use reauthenticate::ReauthenticationError;
