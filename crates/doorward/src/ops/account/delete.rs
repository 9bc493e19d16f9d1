//! The end of an account.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::UserRecord;
use crate::domain::audit::Action;
use crate::domain::authz::{Permission, RoleName, UsersDelete};
use crate::domain::caller::{Actor, Authenticated, Caller, Permitted};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authn::reauthenticate::reauthenticate;
use crate::ops::authn::{Reauthentication, ReauthenticationError};
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::failing::fails_internally;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, erasures, roles, user_lists, users};

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account may do more than the caller.
    #[error("the account reaches beyond the caller's own rights")]
    BeyondOwnRights,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// It is the last active admin.
    #[error("the last active admin can't be deleted")]
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
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be deleted")]
    Internal(#[source] Failure),
}

fails_internally!(DeleteUserError);
fails_without_standing!(DeleteUserError);

impl From<ReauthenticationError> for DeleteUserError {
    fn from(error: ReauthenticationError) -> Self {
        match error {
            ReauthenticationError::Required => Self::ReauthenticationRequired,
            ReauthenticationError::Incorrect => Self::PasswordIncorrect,
            ReauthenticationError::Locked { retry_after } => Self::Locked { retry_after },
            ReauthenticationError::Internal(failure) => Self::Internal(failure),
        }
    }
}

/// Deletes an account with all that is kept about it, at once. The audit trail keeps what
/// was done, by id alone; where it was done from is wiped out soon after, by
/// [`Doorward::erase_deleted_accounts`](crate::Doorward::erase_deleted_accounts).
pub(crate) async fn delete_user(
    engine: &Arc<Engine>,
    by: &Permitted<UsersDelete>,
    id: UserId,
) -> Result<(), DeleteUserError> {
    if let Actor::User(who) = &by.caller().actor
        && is_own(by.caller(), id)
    {
        let proof = Reauthentication::default();
        return delete_own_account(engine, who, by.caller(), &proof).await;
    }
    remove_user(engine, by.caller(), id).await
}

/// Deletes the account of whoever asks, as [`Doorward::delete_user`](crate::Doorward::delete_user) does.
pub(crate) async fn delete_own_account(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
    proof: &Reauthentication,
) -> Result<(), DeleteUserError> {
    reauthenticate(engine, who, caller, proof).await?;
    remove_user(engine, caller, who.user.id).await
}

async fn remove_user(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
) -> Result<(), DeleteUserError> {
    let record = audit_record(engine, Action::UserDeleted, caller).on(id);
    let (caller, now) = (caller.clone(), engine.now());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                // Held, so that nobody is promoted between the look and the end.
                if !users::lock(tx, id).await? {
                    return Err(DeleteUserError::NotFound);
                }
                let user = users::find(tx, id)
                    .await?
                    .ok_or(DeleteUserError::NotFound)?;
                check_standing(tx, &caller, &user, now).await?;
                if user.roles.contains(&RoleName::ADMIN)
                    && user.deactivated_at.is_none()
                    && !another_admin_stays(tx, id).await?
                {
                    return Err(DeleteUserError::LastAdmin);
                }
                users::delete(tx, id).await?;
                tx.changed(Change::User(id));
                audit::insert(tx, &record).await?;
                Ok(erasures::insert(tx, id, now).await?)
            })
        })
        .await
}

/// Whether the caller may still do it, as they and the account stand now.
async fn check_standing(
    tx: &mut Tx<'_>,
    caller: &Caller,
    user: &UserRecord,
    now: Timestamp,
) -> Result<(), DeleteUserError> {
    let Standing { caller, catalogue } = Standing::of(tx, caller, now).await?;
    let reaches = || {
        caller.is_permitted(&Permission::USERS_DELETE)
            && caller.covers_roles(&user.roles, &catalogue)
    };
    if is_own(&caller, user.id) || reaches() {
        Ok(())
    } else {
        Err(DeleteUserError::BeyondOwnRights)
    }
}

/// Whether there is an active admin beside this account, and will be until the
/// transaction ends.
pub(super) async fn another_admin_stays(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    roles::lock_admins(tx).await?;
    Ok(user_lists::count_other_active_admins(tx, id).await? > 0)
}

/// Whether the caller is the account's owner.
pub(super) fn is_own(caller: &Caller, id: UserId) -> bool {
    caller.user_id() == Some(id)
}
