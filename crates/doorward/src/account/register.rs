//! Registration: an account made by its owner.

mod prepared;
mod put_off;

use std::borrow::Cow;

use super::create::CreateUserError;
use super::identity::IdentityRejected;
use super::{EmailAddress, FullName, User, Username};
use crate::authn::fails_by_new_password;
use crate::authn::password::{Password, PasswordRejected};
use crate::authz::{Caller, RoleName};
use crate::captcha::CaptchaRefused;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::limits::Throttled;
pub use prepared::PreparedRegistration;

/// What somebody who registers gives.
///
/// ```
/// use doorward::Registration;
///
/// let registration = Registration::new("correct horse battery staple")
///     .email("anna@example.com".parse()?)
///     .full_name("Anna Kowalska".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Registration {
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// The password.
    pub password: Password,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The role that is asked for. Default: `user`.
    pub role: Option<RoleName>,
    /// What the client was given for a captcha that it solved, where it did.
    pub captcha_token: Option<String>,
}

impl Registration {
    /// A registration with this password, and no name yet.
    pub fn new(password: impl Into<Password>) -> Self {
        Self {
            email: None,
            username: None,
            password: password.into(),
            full_name: None,
            role: None,
            captcha_token: None,
        }
    }

    /// The same with this e-mail address.
    #[must_use]
    pub fn email(mut self, email: EmailAddress) -> Self {
        self.email = Some(email);
        self
    }

    /// The same with this name to log in with.
    #[must_use]
    pub fn username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// The same with what the person is called.
    #[must_use]
    pub fn full_name(mut self, full_name: FullName) -> Self {
        self.full_name = Some(full_name);
        self
    }

    /// The same with the role that is asked for.
    #[must_use]
    pub fn role(mut self, role: RoleName) -> Self {
        self.role = Some(role);
        self
    }

    /// The same with what the client was given for a captcha.
    #[must_use]
    pub fn captcha_token(mut self, token: impl Into<Option<String>>) -> Self {
        self.captcha_token = token.into();
        self
    }
}

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

impl Doorward {
    /// Makes an account for whoever asks, and mails a link to verify the address.
    ///
    /// Where the builder was told that registrations reveal nothing, the account is made a
    /// moment later, if its names are free, and the outcome does not tell.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// use doorward::{RegisterError, Registration, RegistrationOutcome, RoleName};
    ///
    /// let anna = || {
    ///     let anna = Registration::new("correct horse battery staple");
    ///     "anna@example.com".parse().map(|email| anna.email(email))
    /// };
    /// match auth.register(&caller, anna()?).await? {
    ///     RegistrationOutcome::Registered(user) => assert!(user.has_role(&RoleName::USER)),
    ///     RegistrationOutcome::ToldByMail => println!("Look into your mail"),
    /// }
    /// let again = auth.register(&caller, anna()?).await;
    /// assert!(matches!(again, Err(RegisterError::Identity(_))));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`RegisterError`] as they say.
    pub async fn register(
        &self,
        caller: &Caller,
        registration: Registration,
    ) -> Result<RegistrationOutcome, RegisterError> {
        let prepared = self.prepare_registration(caller, registration).await?;
        let outcome = prepared.write().await?;
        if let RegistrationOutcome::Registered(user) = &outcome {
            self.tell_of_registration(user, caller).await;
        }
        Ok(outcome)
    }
}
