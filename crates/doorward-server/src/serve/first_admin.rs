//! The first admin: the way in to a new installation.

use doorward::{
    Caller, CreateUserError, Doorward, IdentityRejected, NewUser, RoleName, UsersWrite,
};

use crate::failure::{CommandFailure, with_causes};
use crate::settings::{Provisioned, RegistrationRequires, Settings};

/// Makes the first admin where there is none, and tells whether it did.
pub(crate) async fn ensure(
    engine: &Doorward,
    settings: &Settings,
    secrets: &Provisioned,
) -> Result<FirstAdmin, CommandFailure> {
    if engine.has_admin().await? {
        return Ok(FirstAdmin::Exists);
    }
    let Some(password) = &secrets.first_superuser_password else {
        return Ok(FirstAdmin::Missing);
    };
    let invalid = |name: &str, error: &dyn std::error::Error| {
        CommandFailure::settings(format!("{name}: {error}"))
    };
    let email = settings.first_superuser_email.parse();
    let full_name = settings.first_superuser_full_name.parse();
    let mut new = NewUser::new(password.expose())
        .email(email.map_err(|error| invalid("FIRST_SUPERUSER_EMAIL", &error))?)
        .full_name(full_name.map_err(|error| invalid("FIRST_SUPERUSER_FULL_NAME", &error))?)
        .roles([RoleName::ADMIN])
        .verified(true);
    new.username = username(settings)
        .map(|name| name.parse())
        .transpose()
        .map_err(|error| invalid("FIRST_SUPERUSER_USERNAME", &error))?;
    let operator = Caller::operator()
        .permit::<UsersWrite>()
        .map_err(|error| CommandFailure::refused(error.to_string()))?;
    match engine.create_first_admin(&operator, new).await {
        Ok(Some(_)) => Ok(FirstAdmin::Made),
        Ok(None) => Ok(FirstAdmin::Exists),
        Err(error) => Err(explain(error)),
    }
}

/// The name that was chosen, or one where there has to be one.
fn username(settings: &Settings) -> Option<&str> {
    let required = matches!(
        settings.registration_requires,
        RegistrationRequires::Username | RegistrationRequires::Both
    );
    let chosen = settings.first_superuser_username.as_deref();
    chosen.or(required.then_some("admin"))
}

/// What became of the first admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstAdmin {
    /// There was one.
    Exists,
    /// It was made just now.
    Made,
    /// There is none, and no password to make one with.
    Missing,
}

fn explain(error: CreateUserError) -> CommandFailure {
    match error {
        CreateUserError::PasswordRejected(rejected) => {
            CommandFailure::settings(format!("FIRST_SUPERUSER_PASSWORD: {rejected}"))
        }
        CreateUserError::Identity(IdentityRejected::EmailTaken) => CommandFailure::settings(
            "FIRST_SUPERUSER_EMAIL: there is no admin, and an account that is none has this \
             address; make it one with `doorward users promote`, or choose another address",
        ),
        CreateUserError::Identity(IdentityRejected::UsernameTaken) => CommandFailure::settings(
            "FIRST_SUPERUSER_USERNAME: there is no admin, and an account that is none has this \
             username; make it one with `doorward users promote`, or choose another username",
        ),
        CreateUserError::Internal(failure) => failure.into(),
        other => CommandFailure::refused(with_causes(&other)),
    }
}
