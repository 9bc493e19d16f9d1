//! Letting logins of a locked account in again.

use std::sync::Arc;

use crate::domain::account::UserRecord;
use crate::domain::audit::Action;
use crate::domain::authz::{Permission, UsersWrite};
use crate::domain::caller::{Caller, Permitted};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::failing::fails_internally;
use crate::store::db::Tx;
use crate::store::{audit, login_failures, users};

/// Why an account was not unlocked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockUserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account may do more than the caller.
    #[error("the account reaches beyond the caller's own rights")]
    BeyondOwnRights,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// The database did not answer.
    #[error("the account could not be unlocked")]
    Internal(#[source] Failure),
}

fails_internally!(UnlockUserError);
fails_without_standing!(UnlockUserError);

/// Forgets the failed logins of an account, so that its owner need not wait; it does not
/// matter whether there were any.
pub(crate) async fn unlock_user(
    engine: &Arc<Engine>,
    by: &Permitted<UsersWrite>,
    id: UserId,
) -> Result<(), UnlockUserError> {
    let record = audit_record(engine, Action::AccountUnlocked, by.caller()).on(id);
    let (caller, now) = (by.caller().clone(), engine.now());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                let user = users::find(tx, id)
                    .await?
                    .ok_or(UnlockUserError::NotFound)?;
                check_standing(tx, &caller, &user, now).await?;
                login_failures::clear_all_of(tx, id).await?;
                Ok(audit::insert(tx, &record).await?)
            })
        })
        .await
}

async fn check_standing(
    tx: &mut Tx<'_>,
    caller: &Caller,
    user: &UserRecord,
    now: Timestamp,
) -> Result<(), UnlockUserError> {
    let Standing { caller, catalogue } = Standing::of(tx, caller, now).await?;
    if caller.is_permitted(&Permission::USERS_WRITE) && caller.covers_roles(&user.roles, &catalogue)
    {
        Ok(())
    } else {
        Err(UnlockUserError::BeyondOwnRights)
    }
}
