//! The errors of login, tokens, sessions and passwords.

use doorward::{
    AssessPasswordError, AuthenticateError, ChangePasswordError, ConfirmResetError,
    EndSessionError, LoginError, RefreshError, RequestResetError, TokenError,
};
use http::StatusCode;

use super::{invalid_one_time_token, locked, not_found, password_incorrect, password_rejected};
use crate::codes::Code;
use crate::problem::{Challenge, Problem};

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        let code = match error {
            AuthenticateError::Token(TokenError::Expired) => Code::TokenExpired,
            AuthenticateError::Token(_) => Code::InvalidToken,
            AuthenticateError::Revoked => Code::TokenRevoked,
            AuthenticateError::Inactive => Code::InactiveUser,
            AuthenticateError::Internal(failure) => return failure.into(),
        };
        Self::unauthorized(
            code,
            "Could not validate credentials",
            Challenge::InvalidToken,
        )
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

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Throttled(throttled) => throttled.into(),
            RefreshError::Internal(failure) => failure.into(),
            // One answer for all, so that a thief learns nothing about a stolen token.
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

impl From<EndSessionError> for Problem {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => not_found("Session not found"),
            EndSessionError::Internal(failure) => failure.into(),
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

impl From<AssessPasswordError> for Problem {
    fn from(error: AssessPasswordError) -> Self {
        match error {
            AssessPasswordError::Throttled(throttled) => throttled.into(),
            AssessPasswordError::Internal(failure) => failure.into(),
        }
    }
}

fn inactive() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, Code::InactiveUser, "Inactive user")
}
