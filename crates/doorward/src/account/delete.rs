//! The end of an account.

use std::sync::Arc;

use crate::audit::{Action, Record};
use crate::authn::{Authenticated, Reauthentication, ReauthenticationError};
use crate::authz::{Caller, Permitted, RoleCatalogue, RoleName, UsersDelete};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, roles, users};

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account may do more than the caller.
    #[error("the account reaches beyond the caller's own rights")]
    BeyondOwnRights,
    /// It is the last active admin.
    #[error("the last active admin can't be deleted")]
    LastAdmin,
    /// The owner has to show the password, or to have logged in just now.
    #[error("the password or a recent login is needed")]
    ReauthenticationRequired,
    /// The owner's password is another one.
    #[error("the password is incorrect")]
    PasswordIncorrect,
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be deleted")]
    Internal(#[source] Failure),
}

fails_internally!(DeleteUserError);

impl From<ReauthenticationError> for DeleteUserError {
    fn from(error: ReauthenticationError) -> Self {
        match error {
            ReauthenticationError::Required => Self::ReauthenticationRequired,
            ReauthenticationError::Incorrect => Self::PasswordIncorrect,
            ReauthenticationError::Internal(failure) => Self::Internal(failure),
        }
    }
}

impl Doorward {
    /// Deletes an account with its sessions, at once.
    ///
    /// # Errors
    /// [`DeleteUserError::NotFound`], [`DeleteUserError::BeyondOwnRights`] and
    /// [`DeleteUserError::LastAdmin`] as they say; [`DeleteUserError::Internal`] where the
    /// database does not answer.
    pub async fn delete_user(
        &self,
        by: &Permitted<UsersDelete>,
        id: UserId,
    ) -> Result<(), DeleteUserError> {
        let reach = Reach {
            caller: by.caller().clone(),
            catalogue: self.role_catalogue().await?,
        };
        self.remove_user(
            id,
            Some(reach),
            self.record(Action::UserDeleted, by.caller()),
        )
        .await
    }

    /// Deletes the account of whoever asks, with its sessions, at once.
    ///
    /// # Errors
    /// [`DeleteUserError::ReauthenticationRequired`], [`DeleteUserError::PasswordIncorrect`]
    /// and [`DeleteUserError::LastAdmin`] as they say; [`DeleteUserError::Internal`] where the
    /// database does not answer.
    pub async fn delete_own_account(
        &self,
        who: &Authenticated,
        caller: &Caller,
        proof: &Reauthentication,
    ) -> Result<(), DeleteUserError> {
        self.reauthenticate(who, proof).await?;
        let record = self.record(Action::UserDeleted, caller);
        self.remove_user(who.user.id, None, record).await
    }

    async fn remove_user(
        &self,
        id: UserId,
        reach: Option<Reach>,
        record: Record,
    ) -> Result<(), DeleteUserError> {
        let record = record.on(id);
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    // Held, so that nobody is promoted between the look and the end.
                    if !users::lock(tx, id).await? {
                        return Err(DeleteUserError::NotFound);
                    }
                    let user = users::find(tx, id)
                        .await?
                        .ok_or(DeleteUserError::NotFound)?;
                    if reach.is_some_and(|reach| !reach.covers(&user.roles)) {
                        return Err(DeleteUserError::BeyondOwnRights);
                    }
                    if user.roles.contains(&RoleName::admin())
                        && user.deactivated_at.is_none()
                        && !another_admin_stays(tx, id).await?
                    {
                        return Err(DeleteUserError::LastAdmin);
                    }
                    if !users::delete(tx, id).await? {
                        return Err(DeleteUserError::NotFound);
                    }
                    tx.changed(Change::User(id));
                    audit::insert(tx, &record).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// How far whoever deletes somebody else's account reaches.
struct Reach {
    caller: Caller,
    catalogue: Arc<RoleCatalogue>,
}

impl Reach {
    fn covers(&self, roles: &[RoleName]) -> bool {
        self.caller.covers_roles(roles, &self.catalogue)
    }
}

/// Whether there is an active admin beside this account, and will be until the
/// transaction ends.
pub(super) async fn another_admin_stays(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    roles::lock_admins(tx).await?;
    Ok(users::count_other_active_admins(tx, id).await? > 0)
}

/// Whether the caller is the account's owner.
pub(super) fn is_own(caller: &Caller, id: UserId) -> bool {
    caller.user_id() == Some(id)
}
