use std::error::Error as _;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use doorward::{
    AssessPasswordError, AuthenticateError, CaptchaChallenge, CaptchaRefused, CaptchaUnavailable,
    ChangePasswordError, CharacterKind, ConfirmResetError, ConfirmVerificationError,
    CreateUserError, Database, DeleteUserError, Denied, Doorward, EndSessionError, Failure,
    FindUserError, HasherBusy, IdentityRejected, LimitClass, LoginError, Password, PasswordContext,
    PasswordFault, PasswordPolicy, PasswordRejected, RefreshError, RegisterError,
    RequestResetError, RequestVerificationError, RoleError, Throttled, TokenError, UnlockUserError,
    UnusableHash, UpdateUserError, testing,
};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::problem::{InternalCause, Problem};

/// An engine whose database has no tables: whatever it is asked, it fails.
async fn broken_engine() -> Doorward {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    testing::builder(database)
        .migrate(false)
        .build()
        .await
        .unwrap()
}

async fn fault() -> Failure {
    broken_engine().await.has_admin().await.unwrap_err()
}

fn busy() -> HasherBusy {
    HasherBusy {
        retry_after: Duration::from_millis(3_001),
    }
}

fn throttled(class: LimitClass) -> Throttled {
    let rate = "5/minute".parse().unwrap();
    Throttled::new(class, rate, Duration::from_millis(11_001))
}

fn challenge() -> Box<CaptchaChallenge> {
    Box::new(CaptchaChallenge {
        provider: "turnstile".into(),
        site_key: Some("a site".to_owned()),
        proof: None,
    })
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Status, code, detail and the headers beside the content type.
async fn row(name: &str, problem: Problem) -> String {
    let response = problem.into_response();
    let status = response.status().as_u16();
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "content-type")
        .map(|(name, value)| format!(" [{name}: {}]", value.to_str().unwrap()))
        .collect();
    headers.sort_unstable();
    let body: Value = serde_json::from_str(&body(response).await).unwrap();
    let detail = match &body["detail"] {
        Value::Array(faults) => faults
            .iter()
            .map(|fault| format!("{} {} {}", fault["type"], fault["loc"], fault["msg"]))
            .collect::<Vec<_>>()
            .join("; "),
        sentence => sentence.as_str().unwrap().to_owned(),
    };
    let code = body["code"].as_str().unwrap();
    format!("{name}: {status} {code}: {detail}{}", headers.concat())
}

/// Adds a row for each variant; that none is left out, the compiler sees.
macro_rules! variants {
    ($table:ident, $error:ident: $($pattern:pat => $value:expr,)+) => {
        let _ = |error: $error| match error { $($pattern => (),)+ };
        $($table.push(row(stringify!($pattern), Problem::from($value)).await);)+
    };
}

/// A password with two faults.
fn weak_password() -> PasswordRejected {
    let policy = PasswordPolicy {
        require: vec![CharacterKind::Digit],
        ..PasswordPolicy::default()
    };
    let password = Password::new("zq".to_owned());
    policy
        .check_password(&password, &PasswordContext::new())
        .unwrap_err()
}

async fn password_faults(table: &mut Vec<String>) {
    for fault in [
        PasswordFault::TooShort { min: 8 },
        PasswordFault::TooLong { max_bytes: 1024 },
        PasswordFault::Lacks(CharacterKind::Lower),
        PasswordFault::Lacks(CharacterKind::Upper),
        PasswordFault::Lacks(CharacterKind::Digit),
        PasswordFault::Lacks(CharacterKind::Symbol),
        PasswordFault::TooCommon,
        PasswordFault::OwnName,
        PasswordFault::ServiceName,
        PasswordFault::Sequence,
        PasswordFault::TooWeak,
        PasswordFault::Breached,
    ] {
        let error = RegisterError::PasswordRejected(fault.into());
        let name = format!("PasswordFault, {}", fault.as_str());
        table.push(row(&name, error.into()).await);
    }
}

async fn authenticate_error(table: &mut Vec<String>) {
    variants! { table, AuthenticateError:
        AuthenticateError::Token(TokenError::Malformed) => AuthenticateError::Token(TokenError::Malformed),
        AuthenticateError::Token(TokenError::BadSignature) => AuthenticateError::Token(TokenError::BadSignature),
        AuthenticateError::Token(TokenError::WrongType) => AuthenticateError::Token(TokenError::WrongType),
        AuthenticateError::Token(TokenError::WrongIssuer) => AuthenticateError::Token(TokenError::WrongIssuer),
        AuthenticateError::Token(TokenError::WrongAudience) => AuthenticateError::Token(TokenError::WrongAudience),
        AuthenticateError::Token(TokenError::Expired) => AuthenticateError::Token(TokenError::Expired),
        AuthenticateError::Token(_) => AuthenticateError::Token(TokenError::NotYetValid),
        AuthenticateError::Revoked => AuthenticateError::Revoked,
        AuthenticateError::Inactive => AuthenticateError::Inactive,
        AuthenticateError::Internal(_) => AuthenticateError::Internal(fault().await),
    }
}

async fn login_error(table: &mut Vec<String>) {
    variants! { table, LoginError:
        LoginError::InvalidCredentials => LoginError::InvalidCredentials,
        LoginError::Inactive => LoginError::Inactive,
        LoginError::Locked { .. } => LoginError::Locked { retry_after: Duration::from_millis(1_500) },
        LoginError::Throttled(_) => throttled(LimitClass::Login),
        LoginError::Captcha(_) => CaptchaRefused::Required(challenge()),
        LoginError::Internal(_) => LoginError::Internal(fault().await),
    }
}

async fn request_reset_error(table: &mut Vec<String>) {
    variants! { table, RequestResetError:
        RequestResetError::Throttled(_) => throttled(LimitClass::PasswordReset),
        RequestResetError::Internal(_) => RequestResetError::Internal(fault().await),
    }
}

async fn confirm_reset_error(table: &mut Vec<String>) {
    variants! { table, ConfirmResetError:
        ConfirmResetError::InvalidToken => ConfirmResetError::InvalidToken,
        ConfirmResetError::PasswordRejected(_) => ConfirmResetError::PasswordRejected(weak_password()),
        ConfirmResetError::Throttled(_) => throttled(LimitClass::PasswordReset),
        ConfirmResetError::Internal(_) => ConfirmResetError::Internal(fault().await),
    }
}

async fn request_verification_error(table: &mut Vec<String>) {
    variants! { table, RequestVerificationError:
        RequestVerificationError::NoAddress => RequestVerificationError::NoAddress,
        RequestVerificationError::NoMail => RequestVerificationError::NoMail,
        RequestVerificationError::Throttled(_) => throttled(LimitClass::Verification),
        RequestVerificationError::Revoked => RequestVerificationError::Revoked,
        RequestVerificationError::Internal(_) => RequestVerificationError::Internal(fault().await),
    }
}

async fn confirm_verification_error(table: &mut Vec<String>) {
    variants! { table, ConfirmVerificationError:
        ConfirmVerificationError::InvalidToken => ConfirmVerificationError::InvalidToken,
        ConfirmVerificationError::EmailTaken => ConfirmVerificationError::EmailTaken,
        ConfirmVerificationError::Throttled(_) => throttled(LimitClass::Verification),
        ConfirmVerificationError::Internal(_) => ConfirmVerificationError::Internal(fault().await),
    }
}

async fn unlock_user_error(table: &mut Vec<String>) {
    variants! { table, UnlockUserError:
        UnlockUserError::NotFound => UnlockUserError::NotFound,
        UnlockUserError::BeyondOwnRights => UnlockUserError::BeyondOwnRights,
        UnlockUserError::Revoked => UnlockUserError::Revoked,
        UnlockUserError::Internal(_) => UnlockUserError::Internal(fault().await),
    }
}

async fn refresh_error(table: &mut Vec<String>) {
    variants! { table, RefreshError:
        RefreshError::Token(_) => RefreshError::Token(TokenError::Expired),
        RefreshError::Revoked => RefreshError::Revoked,
        RefreshError::Reused => RefreshError::Reused,
        RefreshError::Throttled(_) => throttled(LimitClass::Refresh),
        RefreshError::Internal(_) => RefreshError::Internal(fault().await),
    }
}

async fn register_error(table: &mut Vec<String>) {
    variants! { table, RegisterError:
        RegisterError::Identity(IdentityRejected::EmailTaken) => RegisterError::Identity(IdentityRejected::EmailTaken),
        RegisterError::Identity(IdentityRejected::UsernameTaken) => RegisterError::Identity(IdentityRejected::UsernameTaken),
        RegisterError::Identity(IdentityRejected::EmailMissing) => RegisterError::Identity(IdentityRejected::EmailMissing),
        RegisterError::Identity(IdentityRejected::UsernameMissing) => RegisterError::Identity(IdentityRejected::UsernameMissing),
        RegisterError::RoleNotSelfAssignable => RegisterError::RoleNotSelfAssignable,
        RegisterError::PasswordRejected(_) => RegisterError::PasswordRejected(weak_password()),
        RegisterError::Refused(_) => RegisterError::Refused("Only employees may register".into()),
        RegisterError::Throttled(_) => throttled(LimitClass::Registration),
        RegisterError::Captcha(CaptchaRefused::Required(_)) => CaptchaRefused::Required(challenge()),
        RegisterError::Captcha(CaptchaRefused::Wrong(_)) => CaptchaRefused::Wrong(challenge()),
        RegisterError::Captcha(CaptchaRefused::Unavailable(_)) => CaptchaRefused::Unavailable(CaptchaUnavailable::new("timed out")),
        RegisterError::Internal(_) => RegisterError::Internal(fault().await),
    }
}

async fn create_user_error(table: &mut Vec<String>) {
    variants! { table, CreateUserError:
        CreateUserError::Identity(IdentityRejected::EmailTaken) => CreateUserError::Identity(IdentityRejected::EmailTaken),
        CreateUserError::Identity(IdentityRejected::UsernameTaken) => CreateUserError::Identity(IdentityRejected::UsernameTaken),
        CreateUserError::Identity(IdentityRejected::EmailMissing) => CreateUserError::Identity(IdentityRejected::EmailMissing),
        CreateUserError::Identity(IdentityRejected::UsernameMissing) => CreateUserError::Identity(IdentityRejected::UsernameMissing),
        CreateUserError::UnknownRole => CreateUserError::UnknownRole,
        CreateUserError::TooManyRoles => CreateUserError::TooManyRoles,
        CreateUserError::Revoked => CreateUserError::Revoked,
        CreateUserError::BeyondOwnRights => CreateUserError::BeyondOwnRights,
        CreateUserError::PasswordRejected(_) => CreateUserError::PasswordRejected(weak_password()),
        CreateUserError::UnusableHash(_) => CreateUserError::UnusableHash(UnusableHash::UnknownScheme),
        CreateUserError::Internal(_) => CreateUserError::Internal(fault().await),
    }
}

async fn find_user_error(table: &mut Vec<String>) {
    variants! { table, FindUserError:
        FindUserError::Denied => FindUserError::Denied,
        FindUserError::NotFound => FindUserError::NotFound,
        FindUserError::Internal(_) => FindUserError::Internal(fault().await),
    }
}

async fn update_user_error(table: &mut Vec<String>) {
    variants! { table, UpdateUserError:
        UpdateUserError::Denied => UpdateUserError::Denied,
        UpdateUserError::NotFound => UpdateUserError::NotFound,
        UpdateUserError::Identity(IdentityRejected::EmailTaken) => UpdateUserError::Identity(IdentityRejected::EmailTaken),
        UpdateUserError::Identity(IdentityRejected::UsernameTaken) => UpdateUserError::Identity(IdentityRejected::UsernameTaken),
        UpdateUserError::Identity(IdentityRejected::EmailMissing) => UpdateUserError::Identity(IdentityRejected::EmailMissing),
        UpdateUserError::Identity(IdentityRejected::UsernameMissing) => UpdateUserError::Identity(IdentityRejected::UsernameMissing),
        UpdateUserError::UnknownRole => UpdateUserError::UnknownRole,
        UpdateUserError::TooManyRoles => UpdateUserError::TooManyRoles,
        UpdateUserError::Revoked => UpdateUserError::Revoked,
        UpdateUserError::LastAdmin => UpdateUserError::LastAdmin,
        UpdateUserError::ReauthenticationRequired => UpdateUserError::ReauthenticationRequired,
        UpdateUserError::PasswordIncorrect => UpdateUserError::PasswordIncorrect,
        UpdateUserError::Locked { .. } => UpdateUserError::Locked { retry_after: Duration::from_secs(2) },
        UpdateUserError::Throttled(_) => UpdateUserError::Throttled(throttled(LimitClass::Mail)),
        UpdateUserError::PasswordRejected(_) => UpdateUserError::PasswordRejected(weak_password()),
        UpdateUserError::Internal(_) => UpdateUserError::Internal(fault().await),
    }
}

async fn delete_user_error(table: &mut Vec<String>) {
    variants! { table, DeleteUserError:
        DeleteUserError::NotFound => DeleteUserError::NotFound,
        DeleteUserError::BeyondOwnRights => DeleteUserError::BeyondOwnRights,
        DeleteUserError::Revoked => DeleteUserError::Revoked,
        DeleteUserError::LastAdmin => DeleteUserError::LastAdmin,
        DeleteUserError::ReauthenticationRequired => DeleteUserError::ReauthenticationRequired,
        DeleteUserError::PasswordIncorrect => DeleteUserError::PasswordIncorrect,
        DeleteUserError::Locked { .. } => DeleteUserError::Locked { retry_after: Duration::from_secs(2) },
        DeleteUserError::Internal(_) => DeleteUserError::Internal(fault().await),
    }
}

async fn change_password_error(table: &mut Vec<String>) {
    variants! { table, ChangePasswordError:
        ChangePasswordError::CurrentIncorrect => ChangePasswordError::CurrentIncorrect,
        ChangePasswordError::Locked { .. } => ChangePasswordError::Locked { retry_after: Duration::from_secs(2) },
        ChangePasswordError::Revoked => ChangePasswordError::Revoked,
        ChangePasswordError::Rejected(_) => ChangePasswordError::Rejected(weak_password()),
        ChangePasswordError::Internal(_) => ChangePasswordError::Internal(fault().await),
    }
}

async fn assess_password_error(table: &mut Vec<String>) {
    variants! { table, AssessPasswordError:
        AssessPasswordError::Throttled(_) => throttled(LimitClass::PasswordCheck),
        AssessPasswordError::Internal(_) => AssessPasswordError::Internal(fault().await),
    }
}

async fn end_session_error(table: &mut Vec<String>) {
    variants! { table, EndSessionError:
        EndSessionError::NotFound => EndSessionError::NotFound,
        EndSessionError::Internal(_) => EndSessionError::Internal(fault().await),
    }
}

async fn role_error(table: &mut Vec<String>) {
    variants! { table, RoleError:
        RoleError::NotFound => RoleError::NotFound,
        RoleError::NameTaken => RoleError::NameTaken,
        RoleError::BuiltIn => RoleError::BuiltIn,
        RoleError::Revoked => RoleError::Revoked,
        RoleError::InUse => RoleError::InUse,
        RoleError::InvalidRank => RoleError::InvalidRank,
        RoleError::BeyondOwnRights => RoleError::BeyondOwnRights,
        RoleError::Internal(_) => RoleError::Internal(fault().await),
    }
}

#[tokio::test]
async fn every_error_of_the_engine_has_its_answer() {
    let mut table = vec![
        row("Denied", Denied.into()).await,
        row("Failure, busy", Failure::from(busy()).into()).await,
        row("Failure", fault().await.into()).await,
    ];
    password_faults(&mut table).await;
    authenticate_error(&mut table).await;
    login_error(&mut table).await;
    request_reset_error(&mut table).await;
    confirm_reset_error(&mut table).await;
    request_verification_error(&mut table).await;
    confirm_verification_error(&mut table).await;
    unlock_user_error(&mut table).await;
    refresh_error(&mut table).await;
    register_error(&mut table).await;
    create_user_error(&mut table).await;
    find_user_error(&mut table).await;
    update_user_error(&mut table).await;
    delete_user_error(&mut table).await;
    change_password_error(&mut table).await;
    end_session_error(&mut table).await;
    role_error(&mut table).await;
    assess_password_error(&mut table).await;
    insta::assert_snapshot!("errors", table.join("\n"));
}

#[tokio::test]
async fn nothing_from_inside_reaches_a_body() {
    let failures = [fault().await, busy().into()];
    for failure in failures {
        let mut inner = vec![failure.to_string()];
        let mut source = failure.source();
        while let Some(error) = source {
            inner.push(error.to_string());
            source = error.source();
        }
        assert!(inner.len() > 1, "{inner:?}");
        let response = Problem::from(failure).into_response();
        assert!(response.status().is_server_error());
        let body = body(response).await;
        for text in inner {
            assert!(!body.contains(&text), "{text}: {body}");
        }
        assert!(!body.contains("doorward_"), "{body}");
    }
}

#[tokio::test]
async fn the_cause_goes_along_for_the_log() {
    let response = Problem::from(fault().await).into_response();
    let cause = response.extensions().get::<InternalCause>().unwrap();
    assert!(cause.0.source().is_some());
}
