//! Accounts: made, found, changed, deleted and exported.

use crate::domain::account::{NewUser, Registration, User, UserChange, UserFilter, UserName};
use crate::domain::authz::{UsersCount, UsersDelete, UsersRead, UsersWrite};
use crate::domain::caller::{Authenticated, Caller, Permitted};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::page::{Page, PageRequest};
use crate::engine::Doorward;
use crate::ops::account::{
    CreateUserError, DeleteUserError, Export, FindUserError, PreparedRegistration, PreparedUser,
    RegisterError, RegistrationOutcome, Statistics, UnlockUserError, UpdateUserError, create,
    delete, export, find, register, statistics, unlock, update,
};
use crate::ops::authn::Reauthentication;

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
        register::register(&self.0, caller, registration).await
    }

    /// Checks a registration, and hashes its password: all of [`register`](Doorward::register)
    /// but the writing, for a transaction of the application.
    ///
    /// It belongs before the transaction: it takes as long as a hash does, asks other services
    /// for captchas and breached passwords, asks the application itself
    /// ([`Hooks::before_register`](crate::Hooks::before_register)), and may write to the audit
    /// trail. It counts against the network's limits whether or not anything is inserted.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # async fn example(
    /// #     auth: doorward::Doorward,
    /// #     caller: doorward::Caller,
    /// #     pool: sqlx::SqlitePool,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::{Registration, RegistrationOutcome};
    ///
    /// let registration = Registration::new("correct horse battery staple")
    ///     .email("anna@example.com".parse()?);
    /// let prepared = auth.prepare_registration(&caller, registration).await?;
    ///
    /// let mut tx = pool.begin().await?;
    /// if let RegistrationOutcome::Registered(user) = prepared.insert(&mut *tx).await? {
    ///     sqlx::query("insert into profiles (user_id, nickname) values ($1, $2)")
    ///         .bind(user.id.as_uuid())
    ///         .bind("Ania")
    ///         .execute(&mut *tx)
    ///         .await?;
    /// }
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`RegisterError`] as they say, but for taken names, which
    /// [`PreparedRegistration::insert`] finds.
    pub async fn prepare_registration(
        &self,
        caller: &Caller,
        registration: Registration,
    ) -> Result<PreparedRegistration, RegisterError> {
        register::prepare_registration(&self.0, caller, registration).await
    }

    /// Makes an account for somebody else.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::{NewUser, Permitted, RoleName};
    ///
    /// let new = NewUser::new("correct horse battery staple")
    ///     .email("anna@example.com".parse()?)
    ///     .roles([RoleName::MODERATOR]);
    /// // On behalf of the application itself; where an account asks, `caller.permit()?`.
    /// let anna = auth.create_user(&Permitted::operator(), new).await?;
    /// assert!(anna.is_active() && !anna.is_verified());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say.
    pub async fn create_user(
        &self,
        by: &Permitted<UsersWrite>,
        new: NewUser,
    ) -> Result<User, CreateUserError> {
        create::create_user(&self.0, by, new).await
    }

    /// Makes an account unless there is an admin already, active or not: the way in to a
    /// new installation.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::{NewUser, Permitted, RoleName};
    ///
    /// let admin = |email: &str| {
    ///     let new = NewUser::new("correct horse battery staple").roles([RoleName::ADMIN]);
    ///     email.parse().map(|email| new.email(email))
    /// };
    /// let by = Permitted::operator();
    /// let first = auth.create_first_admin(&by, admin("anna@example.com")?).await?;
    /// assert!(first.is_some());
    /// let second = auth.create_first_admin(&by, admin("emil@example.com")?).await?;
    /// assert!(second.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say.
    pub async fn create_first_admin(
        &self,
        by: &Permitted<UsersWrite>,
        new: NewUser,
    ) -> Result<Option<User>, CreateUserError> {
        create::create_first_admin(&self.0, by, new).await
    }

    /// Checks an account for somebody else, and hashes its password: all of
    /// [`create_user`](Doorward::create_user) but the writing, for a transaction of the
    /// application.
    ///
    /// It belongs before the transaction: it takes as long as a hash does, and may write to the
    /// audit trail.
    ///
    /// ```no_run
    /// # use doorward::{Doorward, NewUser, Permitted, UsersWrite};
    /// # async fn example(
    /// #     auth: Doorward,
    /// #     by: Permitted<UsersWrite>,
    /// #     pool: sqlx::PgPool,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let new = NewUser::new("correct horse battery staple").email("anna@example.com".parse()?);
    /// let prepared = auth.prepare_user(&by, new).await?;
    ///
    /// let mut tx = pool.begin().await?;
    /// let anna = prepared.insert(&mut *tx).await?;
    /// sqlx::query("insert into employees (user_id, desk) values ($1, $2)")
    ///     .bind(anna.id.as_uuid())
    ///     .bind("by the window")
    ///     .execute(&mut *tx)
    ///     .await?;
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say, but for those that the database alone
    /// can tell: taken names and [`CreateUserError::Revoked`] are found by
    /// [`PreparedUser::insert`].
    pub async fn prepare_user(
        &self,
        by: &Permitted<UsersWrite>,
        new: NewUser,
    ) -> Result<PreparedUser, CreateUserError> {
        create::prepare_user(&self.0, by, new).await
    }

    /// Whether there is an admin, active or not.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// assert!(!auth.has_admin().await?);
    /// auth.add_user("anna@example.com", ["admin"]).await;
    /// assert!(auth.has_admin().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn has_admin(&self) -> Result<bool, Failure> {
        create::has_admin(&self.0).await
    }

    /// Shows an account to its owner, or to whoever may see all.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = auth.login_as("user").await.caller();
    /// # let (own_id, anna) = (caller.user_id().ok_or("they are logged in")?, auth.login_as("admin").await.user.id);
    /// use doorward::FindUserError;
    ///
    /// let own = auth.find_user(&caller, own_id).await?;
    /// assert_eq!(own.id, own_id);
    /// let another = auth.find_user(&caller, anna).await;
    /// assert!(matches!(another, Err(FindUserError::Denied)));
    /// # Ok(())
    /// # }
    /// ```
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
        _by: &Permitted<UsersRead>,
        filter: UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, Failure> {
        find::list_users(&self.0, _by, filter, page).await
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
    pub async fn count_users(&self, _by: &Permitted<UsersCount>) -> Result<Statistics, Failure> {
        statistics::count_users(&self.0, _by).await
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
