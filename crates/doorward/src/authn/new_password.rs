//! Whether a password may be chosen, by the account that it is for.

use std::time::Duration;

use super::password::{
    BreachCheckUnavailable, Password, PasswordContext, PasswordFault, PasswordHash,
    PasswordRejected, PasswordStrength,
};
use crate::account::{EmailAddress, FullName, NewUser, User, UserChange, Username};
use crate::audit::{Action, Record};
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::limits::{LimitClass, Throttled};

/// How long it is waited for whoever knows breached passwords, whatever they promise.
const BREACH_CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a password may not be chosen, or that it could not be found out.
#[derive(Debug)]
pub(crate) enum NewPasswordRefused {
    Rejected(PasswordRejected),
    Internal(Failure),
}

fails_internally!(NewPasswordRefused);

impl From<PasswordRejected> for NewPasswordRefused {
    fn from(rejected: PasswordRejected) -> Self {
        Self::Rejected(rejected)
    }
}

/// What becomes of a password, if somebody chooses it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PasswordAssessment {
    /// Why it may not be chosen; empty where it may.
    pub faults: Vec<PasswordFault>,
    /// How hard it is to guess.
    pub strength: PasswordStrength,
}

/// Why a password was not assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessPasswordError {
    /// The network asks too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The password could not be looked at.
    #[error("the password could not be assessed")]
    Internal(#[source] Failure),
}

fails_internally!(AssessPasswordError);

impl Doorward {
    /// Tells somebody who thinks of a password whether they may choose it, and how hard it is
    /// to guess. It is not kept, and no account is asked for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// use doorward::{PasswordContext, PasswordFault};
    ///
    /// let anna = PasswordContext::new().username("anna");
    /// let assessment = auth.assess_password(&"Anna-1985".into(), &anna, &caller).await?;
    /// assert_eq!(assessment.faults, [PasswordFault::OwnName]);
    /// let assessment = auth.assess_password(&"correct horse".into(), &anna, &caller).await?;
    /// assert_eq!(assessment.faults, []);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`AssessPasswordError`] as they say.
    pub async fn assess_password(
        &self,
        password: &Password,
        context: &PasswordContext,
        caller: &Caller,
    ) -> Result<PasswordAssessment, AssessPasswordError> {
        self.check_network_limit(LimitClass::PasswordCheck, caller)
            .await?;
        let policy = self.password_policy();
        let strength = self.estimate_strength(password, context).await?;
        let mut faults = match policy.check_password(password, context) {
            Ok(()) => Vec::new(),
            Err(rejected) => rejected.faults().to_vec(),
        };
        if faults.is_empty() && strength.score < policy.min_score.min(4) {
            faults.push(PasswordFault::TooWeak);
        }
        if faults.is_empty() && self.is_breached(password).await.unwrap_or(false) {
            faults.push(PasswordFault::Breached);
        }
        Ok(PasswordAssessment { faults, strength })
    }

    /// Hashes a password as the engine would store it, whatever it is like: for what an app
    /// does with hashes of its own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// let hash = auth.hash_password("correct horse".into()).await?;
    /// assert!(hash.as_str().starts_with("$argon2id$"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where too many passwords wait to be hashed.
    pub async fn hash_password(&self, password: Password) -> Result<PasswordHash, Failure> {
        self.hasher().hash(password).await.map_err(Failure::from)
    }

    /// Checks the password of an account that is to be made.
    ///
    /// No account is looked up for it, so that it takes the same time whoever there is.
    pub(crate) async fn check_new_password(
        &self,
        (new, password): (&NewUser, &Password),
        caller: &Caller,
    ) -> Result<(), NewPasswordRefused> {
        let context = PasswordContext::new().named(
            new.email.as_ref(),
            new.username.as_ref(),
            new.full_name.as_ref(),
        );
        let unable = self.record(Action::BreachCheckFailed, caller);
        self.check_by_all_rules(password, &context, unable).await
    }

    /// Checks a new password of an account that there is.
    pub(crate) async fn check_new_password_of(
        &self,
        user: UserId,
        new: &Password,
        caller: &Caller,
    ) -> Result<(), NewPasswordRefused> {
        let context = match self.find_cached_user(user).await? {
            Some(user) => PasswordContext::new().of(&user),
            None => PasswordContext::new(),
        };
        let unable = self.record(Action::BreachCheckFailed, caller).on(user);
        self.check_by_all_rules(new, &context, unable).await
    }

    /// Checks a new password of an account whose names may change with it.
    pub(crate) async fn check_changed_password(
        &self,
        user: &User,
        (change, new): (&UserChange, &Password),
        caller: &Caller,
    ) -> Result<(), NewPasswordRefused> {
        let context = PasswordContext::new().of(user).named(
            change.email.iter().flatten().next(),
            change.username.iter().flatten().next(),
            change.full_name.iter().flatten().next(),
        );
        let unable = self.record(Action::BreachCheckFailed, caller).on(user.id);
        self.check_by_all_rules(new, &context, unable).await
    }

    /// The quick rules first; `unable` is written where a breach can't be ruled out.
    async fn check_by_all_rules(
        &self,
        password: &Password,
        context: &PasswordContext,
        unable: Record,
    ) -> Result<(), NewPasswordRefused> {
        let policy = self.password_policy();
        policy.check_password(password, context)?;
        if policy.min_score > 0 {
            let strength = self.estimate_strength(password, context).await?;
            if strength.score < policy.min_score.min(4) {
                return Err(PasswordRejected::from(PasswordFault::TooWeak).into());
            }
        }
        match self.is_breached(password).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(PasswordRejected::from(PasswordFault::Breached).into()),
            Err(_) => Ok(self.note(unable.refused("unavailable")).await?),
        }
    }

    async fn estimate_strength(
        &self,
        password: &Password,
        context: &PasswordContext,
    ) -> Result<PasswordStrength, Failure> {
        let service_name = &self.password_policy().service_name;
        self.strength_meter()
            .estimate(password, context, service_name)
            .await
    }

    async fn is_breached(&self, password: &Password) -> Result<bool, BreachCheckUnavailable> {
        let Some(breached) = &self.config().breached_passwords else {
            return Ok(false);
        };
        tokio::time::timeout(BREACH_CHECK_TIMEOUT, breached.contains(password))
            .await
            .unwrap_or_else(|_| Err(BreachCheckUnavailable::new("it timed out")))
            .inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "a password was not looked for in data breaches");
            })
    }
}

impl PasswordContext {
    fn of(self, user: &User) -> Self {
        self.named(
            user.email.as_ref(),
            user.username.as_ref(),
            user.full_name.as_ref(),
        )
    }

    fn named(
        mut self,
        email: Option<&EmailAddress>,
        username: Option<&Username>,
        full_name: Option<&FullName>,
    ) -> Self {
        if let Some(email) = email {
            // An international domain in both its forms.
            self = self.email(email.as_str()).email(email.canonical());
        }
        if let Some(username) = username {
            self = self.username(username.as_str());
        }
        match full_name {
            Some(full_name) => self.full_name(full_name.as_str()),
            None => self,
        }
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
