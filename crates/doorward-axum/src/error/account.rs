//! The errors of operations on accounts and roles.

use doorward::{
    AuthenticateError, ConfirmVerificationError, CreateUserError, DeleteUserError, FindUserError,
    IdentityRejected, RegisterError, RequestVerificationError, RoleError, UnlockUserError,
    UpdateUserError,
};
use http::StatusCode;

use super::{invalid_one_time_token, locked, not_found, password_incorrect, password_rejected};
use crate::codes::Code;
use crate::fault::Fault;
use crate::problem::Problem;

impl From<IdentityRejected> for Problem {
    fn from(rejected: IdentityRejected) -> Self {
        match rejected {
            IdentityRejected::EmailTaken => conflict(Code::EmailTaken, "Email already registered"),
            IdentityRejected::UsernameTaken => {
                conflict(Code::UsernameTaken, "Username already taken")
            }
            IdentityRejected::EmailMissing => missing("email"),
            IdentityRejected::UsernameMissing => missing("username"),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Identity(rejected) => rejected.into(),
            RegisterError::RoleNotSelfAssignable => {
                role_not_assignable("Role may not be self-assigned")
            }
            RegisterError::PasswordRejected(rejected) => password_rejected("password", rejected),
            // The application's own words, meant for the client.
            RegisterError::Refused(sentence) => {
                Self::new(StatusCode::FORBIDDEN, Code::RegistrationRefused, sentence)
            }
            RegisterError::Throttled(throttled) => throttled.into(),
            RegisterError::Captcha(refused) => refused.into(),
            RegisterError::Internal(failure) => failure.into(),
        }
    }
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Identity(rejected) => rejected.into(),
            CreateUserError::UnknownRole => unknown_role(),
            CreateUserError::TooManyRoles => too_many_roles(),
            CreateUserError::Revoked => AuthenticateError::Revoked.into(),
            CreateUserError::BeyondOwnRights => {
                role_not_assignable("Role reaches beyond your own rights")
            }
            CreateUserError::PasswordRejected(rejected) => password_rejected("password", rejected),
            // Only the application passes a hash, so an unusable one is its error.
            CreateUserError::UnusableHash(unusable) => Self::internal().with_cause(unusable),
            CreateUserError::Internal(failure) => failure.into(),
        }
    }
}

impl From<FindUserError> for Problem {
    fn from(error: FindUserError) -> Self {
        match error {
            FindUserError::Denied => Self::forbidden(),
            FindUserError::NotFound => user_not_found(),
            FindUserError::Internal(failure) => failure.into(),
        }
    }
}

impl From<UpdateUserError> for Problem {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::Denied => Self::forbidden(),
            UpdateUserError::NotFound => user_not_found(),
            UpdateUserError::Identity(rejected) => rejected.into(),
            UpdateUserError::UnknownRole => unknown_role(),
            UpdateUserError::TooManyRoles => too_many_roles(),
            UpdateUserError::Revoked => AuthenticateError::Revoked.into(),
            UpdateUserError::LastAdmin => last_admin(),
            UpdateUserError::ReauthenticationRequired => reauthentication_required(),
            UpdateUserError::PasswordIncorrect => password_incorrect(),
            UpdateUserError::Locked { retry_after } => locked(retry_after),
            UpdateUserError::Throttled(throttled) => throttled.into(),
            UpdateUserError::PasswordRejected(rejected) => password_rejected("password", rejected),
            UpdateUserError::Internal(failure) => failure.into(),
        }
    }
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NotFound => user_not_found(),
            DeleteUserError::BeyondOwnRights => Self::forbidden(),
            DeleteUserError::Revoked => AuthenticateError::Revoked.into(),
            DeleteUserError::LastAdmin => last_admin(),
            DeleteUserError::ReauthenticationRequired => reauthentication_required(),
            DeleteUserError::PasswordIncorrect => password_incorrect(),
            DeleteUserError::Locked { retry_after } => locked(retry_after),
            DeleteUserError::Internal(failure) => failure.into(),
        }
    }
}

impl From<UnlockUserError> for Problem {
    fn from(error: UnlockUserError) -> Self {
        match error {
            UnlockUserError::NotFound => user_not_found(),
            UnlockUserError::BeyondOwnRights => Self::forbidden(),
            UnlockUserError::Revoked => AuthenticateError::Revoked.into(),
            UnlockUserError::Internal(failure) => failure.into(),
        }
    }
}

impl From<RequestVerificationError> for Problem {
    fn from(error: RequestVerificationError) -> Self {
        match error {
            RequestVerificationError::NoAddress => {
                conflict(Code::NoEmailAddress, "The account has no email address")
            }
            RequestVerificationError::NoMail => {
                conflict(Code::MailNotConfigured, "The server sends no email")
            }
            RequestVerificationError::Throttled(throttled) => throttled.into(),
            RequestVerificationError::Revoked => AuthenticateError::Revoked.into(),
            RequestVerificationError::Internal(failure) => failure.into(),
        }
    }
}

impl From<ConfirmVerificationError> for Problem {
    fn from(error: ConfirmVerificationError) -> Self {
        match error {
            ConfirmVerificationError::InvalidToken => invalid_one_time_token(),
            ConfirmVerificationError::EmailTaken => IdentityRejected::EmailTaken.into(),
            ConfirmVerificationError::Throttled(throttled) => throttled.into(),
            ConfirmVerificationError::Internal(failure) => failure.into(),
        }
    }
}

impl From<RoleError> for Problem {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::NotFound => not_found("Role not found"),
            RoleError::NameTaken => conflict(Code::RoleExists, "Role already exists"),
            RoleError::BuiltIn => conflict(
                Code::RoleBuiltIn,
                "Built-in roles cannot be changed or deleted",
            ),
            RoleError::Revoked => AuthenticateError::Revoked.into(),
            RoleError::InUse => conflict(Code::RoleInUse, "Role is still assigned to users"),
            RoleError::InvalidRank => Self::validation(vec![Fault::new(
                "value_error",
                ["body", "rank"],
                "Value error, the rank of a role is from 0 to 399",
            )]),
            RoleError::BeyondOwnRights => {
                role_not_assignable("Role reaches beyond your own rights")
            }
            RoleError::Internal(failure) => failure.into(),
        }
    }
}

fn conflict(code: Code, detail: &'static str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, detail)
}

fn user_not_found() -> Problem {
    not_found("User not found")
}

fn last_admin() -> Problem {
    conflict(Code::LastAdmin, "The last active admin must stay one")
}

fn role_not_assignable(detail: &'static str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, Code::RoleNotAssignable, detail)
}

fn unknown_role() -> Problem {
    Problem::validation(vec![Fault::new(
        "value_error",
        ["body", "roles"],
        "Value error, there is no such role",
    )])
}

fn too_many_roles() -> Problem {
    Problem::validation(vec![Fault::new(
        "too_long",
        ["body", "roles"],
        "List should have at most 20 items",
    )])
}

fn reauthentication_required() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        Code::ReauthenticationRequired,
        "Send your current password, or log in again",
    )
}

fn missing(field: &'static str) -> Problem {
    Problem::validation(vec![Fault::missing(["body", field])])
}
