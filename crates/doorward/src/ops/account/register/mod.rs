//! Registration: an account made by its owner.

mod prepared;
mod put_off;

use std::borrow::Cow;
use std::sync::Arc;

use super::CreateUserError;
use crate::captcha::CaptchaRefused;
use crate::domain::account::{IdentityRejected, Registration, User};
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::limits::Throttled;
use crate::domain::password::PasswordRejected;
use crate::engine::Engine;
use crate::engine::hooks::{RegistrationRefused, tell_of_registration};
use crate::ops::authn::fails_by_new_password;
use crate::ops::failing::fails_internally;

pub use prepared::PreparedRegistration;
pub(crate) use prepared::prepare_registration;
pub(crate) use put_off::{REGISTER, run_registration};

/// Why a registration was refused.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The account can't have these names.
    #[error(transparent)]
    Identity(#[from] IdentityRejected),
    /// The role is not one that somebody may give themselves.
    #[error("the role may not be self-assigned")]
    RoleNotSelfAssignable,
    /// The password is against the policy.
    #[error(transparent)]
    PasswordRejected(PasswordRejected),
    /// The network asks too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The network has registered or failed often, and no captcha was solved.
    #[error(transparent)]
    Captcha(#[from] CaptchaRefused),
    /// The application refuses it, and this sentence tells whoever asks why: see
    /// [`Hooks::before_register`](crate::Hooks::before_register).
    #[error("the application refuses the registration")]
    Refused(Cow<'static, str>),
    /// The database or what the application asks did not answer, or too many passwords wait to
    /// be hashed.
    #[error("the registration could not be carried out")]
    Internal(#[source] Failure),
}

fails_internally!(RegisterError);
fails_by_new_password!(RegisterError);

impl From<RegistrationRefused> for RegisterError {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            RegistrationRefused::Because(sentence) => Self::Refused(sentence),
            RegistrationRefused::Undecided(reason) => Self::Internal(Failure::undecided(reason)),
        }
    }
}

impl From<PasswordRejected> for RegisterError {
    fn from(rejected: PasswordRejected) -> Self {
        Self::PasswordRejected(rejected)
    }
}

impl From<CreateUserError> for RegisterError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Identity(rejected) => Self::Identity(rejected),
            CreateUserError::PasswordRejected(rejected) => Self::PasswordRejected(rejected),
            CreateUserError::UnknownRole
            | CreateUserError::TooManyRoles
            | CreateUserError::BeyondOwnRights
            | CreateUserError::Revoked => Self::RoleNotSelfAssignable,
            // Who registers gives a password.
            CreateUserError::UnusableHash(unusable) => Failure::internal(unusable).into(),
            CreateUserError::Internal(failure) => Self::Internal(failure),
        }
    }
}

/// What a registration came to, where it was not refused.
///
/// Every door has to say what it does with each of them.
#[derive(Debug)]
pub enum RegistrationOutcome {
    /// The account was made.
    Registered(Box<User>),
    /// A mail to the address tells the rest: how to verify it, or that it has an account
    /// already. Where registrations are to reveal nothing, every one comes to this.
    ToldByMail,
}

impl RegistrationOutcome {
    /// The account, where the outcome tells of it.
    pub fn into_user(self) -> Option<User> {
        match self {
            Self::Registered(user) => Some(*user),
            Self::ToldByMail => None,
        }
    }
}

/// Makes an account for whoever asks, and mails a link to verify the address.
pub(crate) async fn register(
    engine: &Arc<Engine>,
    caller: &Caller,
    registration: Registration,
) -> Result<RegistrationOutcome, RegisterError> {
    let prepared = prepare_registration(engine, caller, registration).await?;
    let outcome = prepared.write().await?;
    if let RegistrationOutcome::Registered(user) = &outcome {
        tell_of_registration(engine, user, caller).await;
    }
    Ok(outcome)
}
