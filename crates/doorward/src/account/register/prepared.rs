//! Registration in two steps: what takes time, and what is written.

use super::{RegisterError, Registration, RegistrationOutcome};
use crate::account::create::{NewPassword, NewUser};
use crate::account::identity::check_identity;
use crate::account::prepared::{Maker, NewAccount};
use crate::authz::{Caller, Origin, RoleName};
use crate::deferred::{self, DeferredRequest};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::MailId;
use crate::limits::LimitClass;
use crate::store::db::{StoreError, Transaction};

/// A registration that passed all checks but those of the database, so that it only has to be
/// written.
///
/// Made by [`Doorward::prepare_registration`]. It holds the password's hash, and not the
/// password.
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `insert`"]
pub struct PreparedRegistration(Prepared);

#[derive(Clone, Debug)]
enum Prepared {
    Account(Box<NewAccount>),
    /// Where registrations are to reveal nothing, it is carried out later.
    Deferred(Box<PutOff>),
}

#[derive(Clone)]
struct PutOff {
    engine: Doorward,
    request: DeferredRequest,
    origin: Origin,
}

impl std::fmt::Debug for PutOff {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PutOff(..)")
    }
}

impl Doorward {
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
        self.check_network_limit(LimitClass::Registration, caller)
            .await?;
        self.database().learn_place().await?;
        let token = registration.captcha_token.as_deref();
        self.check_captcha(0, caller, token).await?;
        // Whatever becomes of it: to make many accounts is not to be cheaper than to fail.
        self.note_failure(caller).await;
        let new = self.check_role(registration)?;
        let required = self.config().required_identity;
        check_identity(required, new.email.as_ref(), new.username.as_ref())?;
        self.ask_before_register(&new, caller).await?;
        if !self.config().registration_reveals {
            let put_off = PutOff {
                engine: self.clone(),
                request: self.prepare_deferred(new, caller).await?,
                origin: caller.origin.clone(),
            };
            return Ok(PreparedRegistration(Prepared::Deferred(Box::new(put_off))));
        }
        let account = self.prepare_account(new, caller, Maker::Owner).await?;
        Ok(PreparedRegistration(Prepared::Account(Box::new(account))))
    }

    /// The account that is asked for, unless nobody may give themselves the role.
    fn check_role(&self, registration: Registration) -> Result<NewUser, RegisterError> {
        let role = registration.role.unwrap_or(RoleName::USER);
        // The role of everybody needs no leave: it is what is given to who asks for none.
        if role != RoleName::USER && !self.config().self_assignable_roles.contains(&role) {
            return Err(RegisterError::RoleNotSelfAssignable);
        }
        Ok(NewUser {
            email: registration.email,
            username: registration.username,
            full_name: registration.full_name,
            password: NewPassword::Chosen(registration.password),
            roles: vec![role],
            is_active: true,
            is_verified: false,
        })
    }
}

impl PreparedRegistration {
    /// Writes the account in a transaction of the application: its rows, the event of the audit
    /// trail, and the mail to verify the address. The mail is sent when the transaction was
    /// committed, and never where it was not.
    ///
    /// What was refused leaves the transaction as it was. Where the transaction could not be
    /// committed, the same registration may be inserted into the next one.
    ///
    /// [`Hooks::after_register`](crate::Hooks::after_register) is not called: who commits the
    /// transaction knows what comes after it.
    ///
    /// Where registrations reveal nothing, the account is not made in this transaction: the
    /// request is written down in it, carried out a moment after the commit, and the outcome is
    /// [`RegistrationOutcome::ToldByMail`].
    ///
    /// # Errors
    /// [`RegisterError::Identity`] where a name is taken,
    /// [`RegisterError::RoleNotSelfAssignable`] where the role is not defined any more, and
    /// [`RegisterError::Internal`] where the database fails, or the transaction is none, or on
    /// another database than the engine.
    pub async fn insert<'c>(
        &self,
        transaction: impl Into<Transaction<'c>>,
    ) -> Result<RegistrationOutcome, RegisterError> {
        let transaction = transaction.into();
        match &self.0 {
            Prepared::Account(account) => told(account.write_within(transaction).await?),
            Prepared::Deferred(put_off) => put_off.write_within(transaction).await,
        }
    }

    /// Writes it in a transaction of its own.
    pub(super) async fn write(self) -> Result<RegistrationOutcome, RegisterError> {
        match self.0 {
            Prepared::Account(account) => told(account.write().await?),
            Prepared::Deferred(put_off) => put_off.write().await,
        }
    }
}

fn told(made: Option<crate::User>) -> Result<RegistrationOutcome, RegisterError> {
    let user = made.ok_or_else(|| Failure::internal("an account was not made"))?;
    Ok(RegistrationOutcome::Registered(Box::new(user)))
}

impl PutOff {
    async fn write(self) -> Result<RegistrationOutcome, RegisterError> {
        let engine = self.engine.clone();
        engine
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    deferred::put_off(&self.engine, tx, &self.request, &self.origin).await
                })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(RegistrationOutcome::ToldByMail)
    }

    async fn write_within(
        &self,
        transaction: Transaction<'_>,
    ) -> Result<RegistrationOutcome, RegisterError> {
        let put_off = self.clone();
        let mark = MailId::generate(self.engine.now(), self.engine.entropy());
        self.engine
            .database()
            .write_within(transaction, mark.as_uuid(), move |tx| {
                Box::pin(async move {
                    let Self {
                        engine,
                        request,
                        origin,
                    } = &put_off;
                    deferred::put_off(engine, tx, request, origin).await
                })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(RegistrationOutcome::ToldByMail)
    }
}
