//! Accounts: found, changed, deleted and exported.

use crate::domain::account::{User, UserChange, UserFilter, UserName};
use crate::domain::authz::{UsersCount, UsersDelete, UsersRead, UsersWrite};
use crate::domain::caller::{Authenticated, Caller, Permitted};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::page::{Page, PageRequest};
use crate::engine::Doorward;
use crate::ops::account::{
    DeleteUserError, Export, FindUserError, Statistics, UnlockUserError, UpdateUserError, delete,
    export, find, unlock, update,
};
use crate::ops::authn::Reauthentication;

impl Doorward {
    /// Shows an account to its owner, or to whoever may see all.
    ///
    /// # Errors
    /// The variants of [`FindUserError`] as they say. Who may not look does not learn
    /// whether there is such an account.
    pub async fn find_user(&self, caller: &Caller, id: UserId) -> Result<User, FindUserError> {
        find::find_user(&self.0, caller, id).await
    }

    /// Finds an account by what an operator calls it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// use doorward::{Permitted, UserName};
    ///
    /// let name = UserName::parse("anna@example.com").ok_or("not what an account is called")?;
    /// let anna = auth.find_user_named(&Permitted::operator(), name).await?;
    /// assert!(anna.email.is_some_and(|email| email.as_str() == "anna@example.com"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`FindUserError::NotFound`] where there is none; [`FindUserError::Internal`] where the
    /// database does not answer.
    pub async fn find_user_named(
        &self,
        by: &Permitted<UsersRead>,
        name: UserName,
    ) -> Result<User, FindUserError> {
        find::find_user_named(&self.0, by, name).await
    }

    /// Lists accounts in the order in which they were made.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # for name in ["anna", "hannah", "emil"] {
    /// #     auth.add_user(&format!("{name}@example.com"), ["user"]).await;
    /// # }
    /// use doorward::{PageRequest, Permitted, UserFilter};
    ///
    /// let anna = UserFilter { search: Some("anna".to_owned()), ..UserFilter::default() };
    /// let request = PageRequest::new(0, 1).counted(true);
    /// let first = auth.list_users(&Permitted::operator(), anna.clone(), request).await?;
    /// assert_eq!((first.items.len(), first.total), (1, Some(2)));
    ///
    /// let request = PageRequest::new(0, 1).after(first.next);
    /// let second = auth.list_users(&Permitted::operator(), anna, request).await?;
    /// assert_eq!((second.items.len(), second.next), (1, None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_users(
        &self,
        by: &Permitted<UsersRead>,
        filter: UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, Failure> {
        find::list_users(&self.0, by, filter, page).await
    }

    /// Counts the accounts.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["moderator"]).await;
    /// use doorward::{Permitted, RoleName};
    ///
    /// let counted = auth.count_users(&Permitted::operator()).await?;
    /// assert_eq!((counted.total, counted.active, counted.verified), (1, 1, 1));
    /// assert!(counted.by_role.contains(&(RoleName::MODERATOR, 1)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn count_users(&self, by: &Permitted<UsersCount>) -> Result<Statistics, Failure> {
        find::count_users(&self.0, by).await
    }

    /// Changes an account: its owner the plain fields, whoever may write accounts all.
    ///
    /// What takes rights away takes effect on the very next request: a deactivation or a
    /// new password ends all sessions, new roles count at once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (caller, id) = (anna.caller(), anna.user.id);
    /// use doorward::{Reauthentication, RoleName, UpdateUserError, UserChange};
    ///
    /// let change = UserChange { full_name: Some(Some("Anna Ada".parse()?)), ..UserChange::default() };
    /// let anna = auth.update_user(&caller, id, change, &Reauthentication::default()).await?;
    /// assert!(anna.full_name.is_some_and(|name| name.as_str() == "Anna Ada"));
    ///
    /// let promotion = UserChange { roles: Some(vec![RoleName::ADMIN]), ..UserChange::default() };
    /// let promoted = auth.update_user(&caller, id, promotion, &Reauthentication::default()).await;
    /// assert!(matches!(promoted, Err(UpdateUserError::Denied)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`UpdateUserError`] as they say.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        change: UserChange,
        proof: &Reauthentication,
    ) -> Result<User, UpdateUserError> {
        update::update_user(&self.0, caller, id, change, proof).await
    }

    /// Deletes an account with all that is kept about it, at once. The audit trail keeps what
    /// was done, by id alone; where it was done from is wiped out soon after, by
    /// [`Doorward::erase_deleted_accounts`].
    ///
    /// Of the own account, it takes a login within the last five minutes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.add_user("anna@example.com", ["user"]).await;
    /// # let caller = auth.login_as("admin").await.caller();
    /// use doorward::UsersDelete;
    ///
    /// // Proof that who asks may: `Denied` for all but admins, unless roles say otherwise.
    /// let by = caller.permit::<UsersDelete>()?;
    /// auth.delete_user(&by, anna.id).await?;
    /// assert!(auth.find_user(by.caller(), anna.id).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DeleteUserError::NotFound`], [`DeleteUserError::BeyondOwnRights`],
    /// [`DeleteUserError::ReauthenticationRequired`], [`DeleteUserError::Revoked`] and
    /// [`DeleteUserError::LastAdmin`] as they say; [`DeleteUserError::Internal`] where the
    /// database does not answer.
    pub async fn delete_user(
        &self,
        by: &Permitted<UsersDelete>,
        id: UserId,
    ) -> Result<(), DeleteUserError> {
        delete::delete_user(&self.0, by, id).await
    }

    /// Deletes the account of whoever asks, as [`Doorward::delete_user`] does.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// # let access_token = &anna.tokens.access_token;
    /// # let password = doorward::testing::PASSWORD;
    /// use doorward::Reauthentication;
    ///
    /// let proof = Reauthentication { password: Some(password.into()) };
    /// auth.delete_own_account(who, caller, &proof).await?;
    /// assert!(auth.authenticate(access_token).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DeleteUserError::ReauthenticationRequired`], [`DeleteUserError::PasswordIncorrect`],
    /// [`DeleteUserError::Revoked`] and [`DeleteUserError::LastAdmin`] as they say;
    /// [`DeleteUserError::Internal`] where the database does not answer.
    pub async fn delete_own_account(
        &self,
        who: &Authenticated,
        caller: &Caller,
        proof: &Reauthentication,
    ) -> Result<(), DeleteUserError> {
        delete::delete_own_account(&self.0, who, caller, proof).await
    }

    /// Forgets the failed logins of an account, so that its owner need not wait; it does not
    /// matter whether there were any.
    ///
    /// # Errors
    /// The variants of [`UnlockUserError`] as they say.
    pub async fn unlock_user(
        &self,
        by: &Permitted<UsersWrite>,
        id: UserId,
    ) -> Result<(), UnlockUserError> {
        unlock::unlock_user(&self.0, by, id).await
    }

    /// Puts together everything that is held about the account of whoever asks.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// let export = auth.export_own_data(who, caller).await?;
    /// assert_eq!(export.user.id, who.user.id);
    /// assert_eq!(export.sessions.len(), 1);
    /// assert!(export.events.iter().any(|event| event.action == "login"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn export_own_data(
        &self,
        who: &Authenticated,
        caller: &Caller,
    ) -> Result<Export, Failure> {
        export::export_own_data(&self.0, who, caller).await
    }
}
