//! New accounts: registered by their owners, or created by others.

use crate::domain::account::{NewUser, Registration, User};
use crate::domain::authz::UsersWrite;
use crate::domain::caller::{Caller, Permitted};
use crate::domain::failure::Failure;
use crate::engine::Doorward;
use crate::ops::account::{
    CreateUserError, PreparedRegistration, PreparedUser, RegisterError, RegistrationOutcome,
    create, register,
};

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
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn has_admin(&self) -> Result<bool, Failure> {
        create::has_admin(&self.0).await
    }
}
