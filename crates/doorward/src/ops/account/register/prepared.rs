//! Registration in two steps: what takes time, and what is written.

use std::sync::Arc;

use super::put_off::{DeferredRegistration, REGISTER, prepare_deferred};
use super::{RegisterError, RegistrationOutcome};
use crate::domain::account::{NewPassword, NewUser, Registration, User, check_identity};
use crate::domain::authz::RoleName;
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::uuid_v7;
use crate::domain::limits::LimitClass;
use crate::engine::Engine;
use crate::engine::captcha::{check_captcha, note_failure};
use crate::engine::hooks::ask_before_register;
use crate::engine::limits::check_network_limit;
use crate::ops::account::create::{Maker, NewAccount, prepare_account};
use crate::ops::jobs::{Deferred, defer};
use crate::store::db::{StoreError, Transaction};

/// A registration that passed all checks but those of the database, so that it only has to be
/// written.
///
/// Made by [`Doorward::prepare_registration`](crate::Doorward::prepare_registration). It holds the password's hash, and not the
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
    engine: Arc<Engine>,
    request: Deferred<DeferredRegistration>,
}

impl std::fmt::Debug for PutOff {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PutOff(..)")
    }
}

/// Checks a registration, and hashes its password: all of [`register`](crate::Doorward::register)
/// but the writing, for a transaction of the application.
pub(crate) async fn prepare_registration(
    engine: &Arc<Engine>,
    caller: &Caller,
    registration: Registration,
) -> Result<PreparedRegistration, RegisterError> {
    check_network_limit(engine, LimitClass::Registration, caller).await?;
    engine.database().learn_place().await?;
    let token = registration.captcha_token.as_deref();
    check_captcha(engine, 0, caller, token).await?;
    // Whatever becomes of it: to make many accounts is not to be cheaper than to fail.
    note_failure(engine, caller).await;
    let new = check_role(engine, registration)?;
    let required = engine.config().required_identity;
    check_identity(required, new.email.as_ref(), new.username.as_ref())?;
    ask_before_register(engine, &new, caller).await?;
    if !engine.config().registration_reveals {
        let put_off = PutOff {
            engine: Arc::clone(engine),
            request: prepare_deferred(engine, new, caller).await?,
        };
        return Ok(PreparedRegistration(Prepared::Deferred(Box::new(put_off))));
    }
    let account = prepare_account(engine, new, caller, Maker::Owner).await?;
    Ok(PreparedRegistration(Prepared::Account(Box::new(account))))
}

/// The account that is asked for, unless nobody may give themselves the role.
fn check_role(engine: &Arc<Engine>, registration: Registration) -> Result<NewUser, RegisterError> {
    let role = registration.role.unwrap_or(RoleName::USER);
    // The role of everybody needs no leave: it is what is given to who asks for none.
    if role != RoleName::USER && !engine.config().self_assignable_roles.contains(&role) {
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

fn told(made: Option<User>) -> Result<RegistrationOutcome, RegisterError> {
    let user = made.ok_or_else(|| Failure::internal("an account was not made"))?;
    Ok(RegistrationOutcome::Registered(Box::new(user)))
}

impl PutOff {
    async fn write(self) -> Result<RegistrationOutcome, RegisterError> {
        let engine = self.engine.clone();
        engine
            .database()
            .write(move |tx| {
                Box::pin(async move { defer(&self.engine, tx, REGISTER, &self.request).await })
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
        let mark = uuid_v7(self.engine.now(), self.engine.entropy());
        self.engine
            .database()
            .write_within(transaction, mark, move |tx| {
                Box::pin(
                    async move { defer(&put_off.engine, tx, REGISTER, &put_off.request).await },
                )
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(RegistrationOutcome::ToldByMail)
    }
}
