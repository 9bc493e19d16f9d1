//! Whether a password may be chosen, by the account that it is for.

use super::password::{Password, PasswordRejected};
use crate::account::NewUser;
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::UserId;

/// Why a password may not be chosen, or that it could not be found out.
#[derive(Debug)]
pub(crate) enum NewPasswordRefused {
    Rejected(PasswordRejected),
    Internal(Failure),
}

impl Doorward {
    /// Checks the password of an account that is to be made.
    pub(crate) async fn check_new_password(
        &self,
        new: &NewUser,
        _caller: &Caller,
    ) -> Result<(), NewPasswordRefused> {
        self.config()
            .password_policy
            .check_password(&new.password)
            .map_err(NewPasswordRefused::Rejected)
    }

    /// Checks a new password of an account that there is.
    pub(crate) async fn check_new_password_of(
        &self,
        _user: UserId,
        new: &Password,
        _caller: &Caller,
    ) -> Result<(), NewPasswordRefused> {
        self.config()
            .password_policy
            .check_password(new)
            .map_err(NewPasswordRefused::Rejected)
    }
}

/// Lets `?` turn a refused password into an operation's own variant.
macro_rules! fails_by_new_password {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::authn::NewPasswordRefused> for $error {
            fn from(refused: $crate::authn::NewPasswordRefused) -> Self {
                match refused {
                    $crate::authn::NewPasswordRefused::Rejected(rejected) => rejected.into(),
                    $crate::authn::NewPasswordRefused::Internal(failure) => Self::Internal(failure),
                }
            }
        }
    )+};
}

pub(crate) use fails_by_new_password;
