//! Changes of an account, by its owner or by somebody who may.

mod write;

use std::sync::Arc;
use std::time::Duration;

use super::delete::is_own;
use super::verification::check_change_mail_limits;
use crate::domain::account::{EmailAddress, IdentityRejected, User, UserChange};
use crate::domain::audit::{Action, Record};
use crate::domain::authz::{NotAssignable, Permission, RoleCatalogue, RoleName, check_assignable};
use crate::domain::caller::{Actor, Caller};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::Throttled;
use crate::domain::password::{PasswordHash, PasswordRejected};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authn::new_password::check_changed_password;
use crate::ops::authn::reauthenticate::reauthenticate;
use crate::ops::authn::{Reauthentication, ReauthenticationError, fails_by_new_password};
use crate::ops::authz::fails_without_standing;
use crate::ops::cached::{find_cached_user, role_catalogue};
use crate::ops::failing::fails_internally;
use write::Update;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// The caller may not change this account, or not these fields.
    #[error("insufficient privileges")]
    Denied,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account can't have these names.
    #[error(transparent)]
    Identity(#[from] IdentityRejected),
    /// One of the roles is not defined.
    #[error("there is no such role")]
    UnknownRole,
    /// There are more roles than one account can have.
    #[error("there are too many roles")]
    TooManyRoles,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// It is the last active admin, and would no longer be.
    #[error("the last active admin must stay one")]
    LastAdmin,
    /// The owner has to show the password, or to have logged in just now.
    #[error("the password or a recent login is needed")]
    ReauthenticationRequired,
    /// The owner's password is another one.
    #[error("the password is incorrect")]
    PasswordIncorrect,
    /// Too many of the owner's passwords were incorrect.
    #[error("too many passwords were incorrect")]
    Locked {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// The owner asked for too many new addresses, or too many asked for this one.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The new password is against the policy.
    #[error(transparent)]
    PasswordRejected(PasswordRejected),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be changed")]
    Internal(#[source] Failure),
}

fails_internally!(UpdateUserError);
fails_by_new_password!(UpdateUserError);
fails_without_standing!(UpdateUserError);

impl From<ReauthenticationError> for UpdateUserError {
    fn from(error: ReauthenticationError) -> Self {
        match error {
            ReauthenticationError::Required => Self::ReauthenticationRequired,
            ReauthenticationError::Incorrect => Self::PasswordIncorrect,
            ReauthenticationError::Locked { retry_after } => Self::Locked { retry_after },
            ReauthenticationError::Internal(failure) => Self::Internal(failure),
        }
    }
}

impl From<PasswordRejected> for UpdateUserError {
    fn from(rejected: PasswordRejected) -> Self {
        Self::PasswordRejected(rejected)
    }
}

impl From<NotAssignable> for UpdateUserError {
    fn from(reason: NotAssignable) -> Self {
        match reason {
            NotAssignable::Unknown => Self::UnknownRole,
            NotAssignable::TooMany => Self::TooManyRoles,
        }
    }
}

/// Changes an account: its owner the plain fields, whoever may write accounts all.
pub(crate) async fn update_user(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
    change: UserChange,
    proof: &Reauthentication,
) -> Result<User, UpdateUserError> {
    check_permitted(caller, id, &change)?;
    let catalogue = role_catalogue(engine).await?;
    let user = find_cached_user(engine, id)
        .await?
        .ok_or(UpdateUserError::NotFound)?;
    check_reach(caller, id, &user.roles, &catalogue)?;
    check_grant(caller, &change, &catalogue)?;
    check_still_the_owner(engine, caller, &user, &change, proof).await?;
    let to_verify = address_to_verify(engine, caller, id, &change);
    if let Some(new) = &to_verify
        && !is_same(user.email.as_ref(), Some(new))
    {
        check_change_mail_limits(engine, id, new, caller).await?;
    }
    let password = hash_new_password(engine, &user, &change, caller).await?;
    let update = Update {
        engine: Arc::clone(engine),
        id,
        records: records_of(engine, caller, id, &change),
        now: engine.now(),
        to_verify,
        required: engine.config().required_identity,
        caller: caller.clone(),
        change,
        password,
    };
    engine
        .database()
        .write(move |tx| Box::pin(async move { update.write(tx).await }))
        .await
}

/// A new address or password is not for whoever finds a browser left open.
async fn check_still_the_owner(
    engine: &Arc<Engine>,
    caller: &Caller,
    user: &User,
    change: &UserChange,
    proof: &Reauthentication,
) -> Result<(), UpdateUserError> {
    let Actor::User(who) = &caller.actor else {
        return Ok(());
    };
    let new_email = change
        .email
        .as_ref()
        .is_some_and(|email| *email != user.email);
    if is_own(caller, user.id) && (new_email || change.password.is_some()) {
        reauthenticate(engine, who, caller, proof).await?;
    }
    Ok(())
}

/// The new address of whoever changes their own: it has to be verified before it counts,
/// unless there is no mail to verify it with.
fn address_to_verify(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
    change: &UserChange,
) -> Option<EmailAddress> {
    let may_do_without =
        caller.is_permitted(&Permission::USERS_WRITE) && change.is_verified == Some(true);
    change
        .email
        .clone()
        .flatten()
        .filter(|_| is_own(caller, id) && engine.sends_mail() && !may_do_without)
}

async fn hash_new_password(
    engine: &Arc<Engine>,
    user: &User,
    change: &UserChange,
    caller: &Caller,
) -> Result<Option<PasswordHash>, UpdateUserError> {
    let Some(password) = &change.password else {
        return Ok(None);
    };
    check_changed_password(engine, user, (change, password), caller).await?;
    Ok(Some(engine.hasher().hash(password.clone()).await?))
}

/// One record for each kind of thing that is done.
fn records_of(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
    change: &UserChange,
) -> Vec<Record> {
    let fields = change.email.is_some()
        || change.username.is_some()
        || change.full_name.is_some()
        || change.is_verified.is_some();
    [
        (fields, Action::UserUpdated),
        (change.roles.is_some(), Action::UserRolesChanged),
        (change.is_active == Some(false), Action::UserDeactivated),
        (change.is_active == Some(true), Action::UserActivated),
        (change.password.is_some(), Action::PasswordSet),
    ]
    .into_iter()
    .filter(|(done, _)| *done)
    .map(|(_, action)| audit_record(engine, action, caller).on(id))
    .collect()
}

fn check_permitted(
    caller: &Caller,
    id: UserId,
    change: &UserChange,
) -> Result<(), UpdateUserError> {
    let may_write = caller.is_permitted(&Permission::USERS_WRITE);
    let may_assign = caller.is_permitted(&Permission::ROLES_ASSIGN);
    let only_roles = change.roles.is_some() && {
        let rest = UserChange {
            roles: None,
            ..change.clone()
        };
        !rest.is_privileged()
            && rest.email.is_none()
            && rest.username.is_none()
            && rest.full_name.is_none()
    };
    let allowed = if change.roles.is_some() && !may_assign {
        false
    } else {
        may_write || only_roles || (is_own(caller, id) && !change.is_privileged())
    };
    if allowed {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

/// Nobody acts on an account that may do more than they.
fn check_reach(
    caller: &Caller,
    id: UserId,
    roles: &[RoleName],
    catalogue: &RoleCatalogue,
) -> Result<(), UpdateUserError> {
    if is_own(caller, id) || caller.covers_roles(roles, catalogue) {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

/// Nobody makes an account that may do more than they.
fn check_grant(
    caller: &Caller,
    change: &UserChange,
    catalogue: &RoleCatalogue,
) -> Result<(), UpdateUserError> {
    let Some(roles) = &change.roles else {
        return Ok(());
    };
    check_assignable(roles, catalogue)?;
    if caller.covers_roles(roles, catalogue) {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

fn is_same(one: Option<&EmailAddress>, other: Option<&EmailAddress>) -> bool {
    one.map(EmailAddress::canonical) == other.map(EmailAddress::canonical)
}
