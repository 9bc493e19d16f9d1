//! Whether a password may be chosen, by the account that it is for.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::{EmailAddress, FullName, NewUser, User, UserChange, Username};
use crate::domain::audit::{Action, Record};
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::{LimitClass, Throttled};
use crate::domain::password::{
    Password, PasswordContext, PasswordFault, PasswordHash, PasswordRejected, PasswordStrength,
};
use crate::engine::Engine;
use crate::engine::audit::{audit_record, insert_audit_event};
use crate::engine::limits::check_network_limit;
use crate::ops::cached::find_cached_user;
use crate::ops::failing::fails_internally;
use crate::password::BreachCheckUnavailable;

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

/// Tells somebody who thinks of a password whether they may choose it, and how hard it is
/// to guess. It is not kept, and no account is asked for.
pub(crate) async fn assess_password(
    engine: &Arc<Engine>,
    password: &Password,
    context: &PasswordContext,
    caller: &Caller,
) -> Result<PasswordAssessment, AssessPasswordError> {
    check_network_limit(engine, LimitClass::PasswordCheck, caller).await?;
    let policy = &engine.config().password_policy;
    let strength = estimate_strength(engine, password, context).await?;
    let mut faults = match policy.check_password(password, context) {
        Ok(()) => Vec::new(),
        Err(rejected) => rejected.faults().to_vec(),
    };
    if faults.is_empty() && strength.score < policy.min_score.min(4) {
        faults.push(PasswordFault::TooWeak);
    }
    if faults.is_empty() && is_breached(engine, password).await.unwrap_or(false) {
        faults.push(PasswordFault::Breached);
    }
    Ok(PasswordAssessment { faults, strength })
}

/// Hashes a password as the engine would store it, whatever it is like: for what an app
/// does with hashes of its own.
pub(crate) async fn hash_password(
    engine: &Arc<Engine>,
    password: Password,
) -> Result<PasswordHash, Failure> {
    engine.hasher().hash(password).await.map_err(Failure::from)
}

/// Checks the password of an account that is to be made.
///
/// No account is looked up for it, so that it takes the same time whoever there is.
pub(crate) async fn check_new_password(
    engine: &Arc<Engine>,
    (new, password): (&NewUser, &Password),
    caller: &Caller,
) -> Result<(), NewPasswordRefused> {
    let context = with_names(
        PasswordContext::new(),
        new.email.as_ref(),
        new.username.as_ref(),
        new.full_name.as_ref(),
    );
    let unable = audit_record(engine, Action::BreachCheckFailed, caller);
    check_by_all_rules(engine, password, &context, unable).await
}

/// Checks a new password of an account that there is.
pub(crate) async fn check_new_password_of(
    engine: &Arc<Engine>,
    user: UserId,
    new: &Password,
    caller: &Caller,
) -> Result<(), NewPasswordRefused> {
    let context = match find_cached_user(engine, user).await? {
        Some(user) => with_names_of(PasswordContext::new(), &user),
        None => PasswordContext::new(),
    };
    let unable = audit_record(engine, Action::BreachCheckFailed, caller).on(user);
    check_by_all_rules(engine, new, &context, unable).await
}

/// Checks a new password of an account whose names may change with it.
pub(crate) async fn check_changed_password(
    engine: &Arc<Engine>,
    user: &User,
    (change, new): (&UserChange, &Password),
    caller: &Caller,
) -> Result<(), NewPasswordRefused> {
    let context = with_names(
        with_names_of(PasswordContext::new(), user),
        change.email.iter().flatten().next(),
        change.username.iter().flatten().next(),
        change.full_name.iter().flatten().next(),
    );
    let unable = audit_record(engine, Action::BreachCheckFailed, caller).on(user.id);
    check_by_all_rules(engine, new, &context, unable).await
}

/// The quick rules first; `unable` is written where a breach can't be ruled out.
async fn check_by_all_rules(
    engine: &Arc<Engine>,
    password: &Password,
    context: &PasswordContext,
    unable: Record,
) -> Result<(), NewPasswordRefused> {
    let policy = &engine.config().password_policy;
    policy.check_password(password, context)?;
    if policy.min_score > 0 {
        let strength = estimate_strength(engine, password, context).await?;
        if strength.score < policy.min_score.min(4) {
            return Err(PasswordRejected::from(PasswordFault::TooWeak).into());
        }
    }
    match is_breached(engine, password).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(PasswordRejected::from(PasswordFault::Breached).into()),
        Err(_) => Ok(insert_audit_event(engine, unable.refused("unavailable")).await?),
    }
}

async fn estimate_strength(
    engine: &Arc<Engine>,
    password: &Password,
    context: &PasswordContext,
) -> Result<PasswordStrength, Failure> {
    let service_name = &&engine.config().password_policy.service_name;
    engine
        .strength_meter()
        .estimate(password, context, service_name)
        .await
}

async fn is_breached(
    engine: &Arc<Engine>,
    password: &Password,
) -> Result<bool, BreachCheckUnavailable> {
    let Some(breached) = &engine.config().breached_passwords else {
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

/// The context with the names of an account.
fn with_names_of(context: PasswordContext, user: &User) -> PasswordContext {
    with_names(
        context,
        user.email.as_ref(),
        user.username.as_ref(),
        user.full_name.as_ref(),
    )
}

/// The context with these names, an international domain in both its forms.
fn with_names(
    mut context: PasswordContext,
    email: Option<&EmailAddress>,
    username: Option<&Username>,
    full_name: Option<&FullName>,
) -> PasswordContext {
    if let Some(email) = email {
        context = context.email(email.as_str()).email(email.canonical());
    }
    if let Some(username) = username {
        context = context.username(username.as_str());
    }
    match full_name {
        Some(full_name) => context.full_name(full_name.as_str()),
        None => context,
    }
}

/// Lets `?` turn a refused password into an operation's own variant.
macro_rules! fails_by_new_password {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::ops::authn::NewPasswordRefused> for $error {
            fn from(refused: $crate::ops::authn::NewPasswordRefused) -> Self {
                match refused {
                    $crate::ops::authn::NewPasswordRefused::Rejected(rejected) => rejected.into(),
                    $crate::ops::authn::NewPasswordRefused::Internal(failure) => Self::Internal(failure),
                }
            }
        }
    )+};
}

pub(crate) use fails_by_new_password;
