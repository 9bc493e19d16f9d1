//! The one place where the engine's errors become HTTP.

#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::time::Duration;

use doorward::{
    AssessPasswordError, AuthenticateError, CaptchaRefused, ChangePasswordError, ConfirmResetError,
    ConfirmVerificationError, CreateUserError, DeleteUserError, Denied, EndSessionError, Failure,
    FindUserError, HasherBusy, IdentityRejected, LoginError, PasswordRejected, RefreshError,
    RegisterError, RequestResetError, RequestVerificationError, RoleError, Throttled, TokenError,
    UnlockUserError, UpdateUserError,
};
use http::{HeaderName, StatusCode};

use crate::codes::Code;
use crate::fault::{Fault, Step};
use crate::fields::FieldFault;
use crate::problem::{Challenge, Problem};
use crate::wire::CaptchaBody;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Seconds after which somebody tries again whose captcha can't be verified.
const CAPTCHA_RETRY_AFTER: u32 = 5;

const BAD_CREDENTIALS: &str = "Could not validate credentials";

impl From<Denied> for Problem {
    fn from(_: Denied) -> Self {
        Self::forbidden()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        const UNAVAILABLE: &str = "Service temporarily unavailable";

        let busy = failure
            .source()
            .is_some_and(|source| source.is::<HasherBusy>());
        match failure.retry_after() {
            // To turn somebody away is no failure: a storm has no error for each of its drops.
            Some(wait) if busy => {
                return Self::unavailable(Code::Overloaded, UNAVAILABLE, seconds(wait));
            }
            Some(wait) => Self::unavailable(Code::Unavailable, UNAVAILABLE, seconds(wait)),
            None => Self::internal(),
        }
        .with_cause(failure)
    }
}

/// The fields of draft-ietf-httpapi-ratelimit-headers-10: the policy that refuses, what is left
/// of its quota, and after how many seconds there is more.
impl From<Throttled> for Problem {
    fn from(throttled: Throttled) -> Self {
        let wait = seconds(throttled.retry_after);
        let (name, rate) = (throttled.class.as_str(), throttled.rate);
        let policy = format!(
            "\"{name}\";q={};w={}",
            rate.limit(),
            rate.window().as_secs()
        );
        let state = format!("\"{name}\";r={};t={wait}", throttled.remaining);
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            Code::RateLimited,
            "Too many requests, try again later",
        )
        .with_retry_after(wait)
        .with_text_header(RATE_LIMIT_POLICY, policy)
        .with_text_header(RATE_LIMIT, state)
    }
}

impl From<CaptchaRefused> for Problem {
    fn from(refused: CaptchaRefused) -> Self {
        let (code, detail, challenge) = match refused {
            CaptchaRefused::Required(challenge) => {
                (Code::CaptchaRequired, "Captcha required", challenge)
            }
            CaptchaRefused::Wrong(challenge) => {
                (Code::CaptchaWrong, "Captcha not solved", challenge)
            }
            CaptchaRefused::Unavailable(unavailable) => {
                return Self::unavailable(
                    Code::Unavailable,
                    "Service temporarily unavailable",
                    CAPTCHA_RETRY_AFTER,
                )
                .with_cause(unavailable);
            }
        };
        Self::new(StatusCode::FORBIDDEN, code, detail)
            .with_member("captcha", CaptchaBody::required(*challenge).into_value())
    }
}

fn seconds(wait: Duration) -> u32 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(rounded_up).unwrap_or(u32::MAX).max(1)
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        let code = match error {
            AuthenticateError::Token(TokenError::Expired) => Code::TokenExpired,
            AuthenticateError::Token(_) => Code::InvalidToken,
            AuthenticateError::Revoked => Code::TokenRevoked,
            AuthenticateError::Inactive => Code::InactiveUser,
            AuthenticateError::Internal(failure) => return failure.into(),
        };
        Self::unauthorized(code, BAD_CREDENTIALS, Challenge::InvalidToken)
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::unauthorized(
                Code::InvalidCredentials,
                "Incorrect username or password",
                Challenge::Bearer,
            ),
            LoginError::Inactive => inactive(),
            LoginError::Locked { retry_after } => locked(retry_after),
            LoginError::Throttled(throttled) => throttled.into(),
            LoginError::Captcha(refused) => refused.into(),
            LoginError::Internal(failure) => failure.into(),
        }
    }
}

fn locked(retry_after: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        Code::AccountLocked,
        "Too many failed attempts, try again later",
    )
    .with_retry_after(seconds(retry_after))
}

fn invalid_one_time_token() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::InvalidOneTimeToken,
        "Invalid or expired token",
    )
}

impl From<RequestResetError> for Problem {
    fn from(error: RequestResetError) -> Self {
        match error {
            RequestResetError::Throttled(throttled) => throttled.into(),
            RequestResetError::Internal(failure) => failure.into(),
        }
    }
}

impl From<ConfirmResetError> for Problem {
    fn from(error: ConfirmResetError) -> Self {
        match error {
            ConfirmResetError::InvalidToken => invalid_one_time_token(),
            ConfirmResetError::PasswordRejected(rejected) => {
                password_rejected("new_password", rejected)
            }
            ConfirmResetError::Throttled(throttled) => throttled.into(),
            ConfirmResetError::Internal(failure) => failure.into(),
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

fn inactive() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, Code::InactiveUser, "Inactive user")
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Throttled(throttled) => throttled.into(),
            RefreshError::Internal(failure) => failure.into(),
            // One answer: whoever holds a stolen token learns nothing about it.
            RefreshError::Token(_) | RefreshError::Revoked | RefreshError::Reused => {
                Self::unauthorized(
                    Code::InvalidRefreshToken,
                    "Invalid refresh token",
                    Challenge::InvalidToken,
                )
            }
        }
    }
}

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

impl From<AssessPasswordError> for Problem {
    fn from(error: AssessPasswordError) -> Self {
        match error {
            AssessPasswordError::Throttled(throttled) => throttled.into(),
            AssessPasswordError::Internal(failure) => failure.into(),
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
            // The application's own words, meant for whoever asks.
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
            // A client gives passwords; hashes come from the application, whose fault it is.
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

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::CurrentIncorrect => password_incorrect(),
            ChangePasswordError::Locked { retry_after } => locked(retry_after),
            ChangePasswordError::Rejected(rejected) => password_rejected("new_password", rejected),
            ChangePasswordError::Revoked => AuthenticateError::Revoked.into(),
            ChangePasswordError::Internal(failure) => failure.into(),
        }
    }
}

impl From<EndSessionError> for Problem {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => not_found("Session not found"),
            EndSessionError::Internal(failure) => failure.into(),
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

fn not_found(detail: &'static str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, Code::NotFound, detail)
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

fn password_incorrect() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::IncorrectPassword,
        "Current password is incorrect",
    )
}

fn missing(field: &'static str) -> Problem {
    Problem::validation(vec![Fault::missing(["body", field])])
}

fn password_rejected(field: &'static str, rejected: PasswordRejected) -> Problem {
    let loc = [Step::from("body"), Step::from(field)];
    Problem::validation(FieldFault::from(rejected).into_faults(&loc).collect())
}
