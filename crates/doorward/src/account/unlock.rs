//! Letting logins of a locked account in again.

use super::UserRecord;
use crate::audit::Action;
use crate::authz::{Caller, Permission, Permitted, Standing, UsersWrite, fails_without_standing};
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
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

impl Doorward {
    /// Forgets the failed logins of an account, so that its owner need not wait; it does not
    /// matter whether there were any.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.add_user("anna@example.com", ["user"]).await;
    /// # let wrong = || LoginAttempt::new("anna@example.com", "wrong");
    /// # while !matches!(auth.login(wrong()).await, Err(LoginError::Locked { .. })) {}
    /// use doorward::{LoginAttempt, LoginError, Permitted};
    ///
    /// let right = || LoginAttempt::new("anna@example.com", doorward::testing::PASSWORD);
    /// assert!(matches!(auth.login(right()).await, Err(LoginError::Locked { .. })));
    ///
    /// auth.unlock_user(&Permitted::operator(), anna.id).await?;
    /// assert!(auth.login(right()).await.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`UnlockUserError`] as they say.
    pub async fn unlock_user(
        &self,
        by: &Permitted<UsersWrite>,
        id: UserId,
    ) -> Result<(), UnlockUserError> {
        let record = self.record(Action::AccountUnlocked, by.caller()).on(id);
        let (caller, now) = (by.caller().clone(), self.now());
        self.database()
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
