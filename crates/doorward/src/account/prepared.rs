//! Accounts in two steps: first all that takes time or may be refused without the database,
//! then what is written.

use std::sync::Arc;

use super::create::{CreateUserError, NewUser, check_grant};
use super::identity::check_identity;
use super::{User, UserRecord};
use crate::audit::Action;
use crate::authn::password::PasswordHash;
use crate::authz::{Caller, Permission, Permitted, RoleCatalogue, Standing, UsersWrite};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::UserId;
use crate::store::db::{Transaction, Tx};
use crate::store::{audit, roles, users};

/// On whose word an account is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Maker {
    /// Its owner's.
    Owner,
    /// That of somebody who may make accounts for others.
    Caller,
    /// Nobody's: it is the first admin, and only made where there is none.
    Installation,
}

impl Maker {
    fn action(self) -> Action {
        match self {
            Self::Owner => Action::UserRegistered,
            Self::Caller | Self::Installation => Action::UserCreated,
        }
    }
}

/// An account whose password was checked and hashed, so that it only has to be written.
///
/// Nothing of it may ask the database but through the transaction that it is written in:
/// whoever owns that may hold the pool's last connection, or the file.
#[derive(Clone, Debug)]
pub(super) struct NewAccount {
    engine: Doorward,
    /// Its id and times are those of the preparation; each attempt to write it has its own.
    user: UserRecord,
    hash: PasswordHash,
    catalogue: Arc<RoleCatalogue>,
    caller: Caller,
    maker: Maker,
}

/// An account for somebody else that was checked and only has to be written.
///
/// Made by [`Doorward::prepare_user`]. It holds the password's hash, and not the password.
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `insert`"]
pub struct PreparedUser(NewAccount);

impl Doorward {
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
        check_grant(by.caller(), &new.roles, &*self.role_catalogue().await?)?;
        self.database().learn_place().await?;
        self.prepare_account(new, by.caller(), Maker::Caller)
            .await
            .map(PreparedUser)
    }

    /// What every new account goes through before it is written.
    pub(super) async fn prepare_account(
        &self,
        new: NewUser,
        caller: &Caller,
        maker: Maker,
    ) -> Result<NewAccount, CreateUserError> {
        let required = self.config().required_identity;
        check_identity(required, new.email.as_ref(), new.username.as_ref())?;
        let hash = self.hash_of_new(&new, caller).await?;
        let catalogue = self.role_catalogue().await?;
        Ok(NewAccount {
            engine: self.clone(),
            user: self.new_record(new),
            hash,
            catalogue,
            caller: caller.clone(),
            maker,
        })
    }
}

impl PreparedUser {
    /// Writes the account in a transaction of the application: its rows, the event of the audit
    /// trail, and the mail to verify the address, where one is needed.
    ///
    /// What was refused leaves the transaction as it was. Where the transaction could not be
    /// committed, the same account may be inserted into the next one. The rights of the caller
    /// count as they are at that moment.
    ///
    /// A transaction of PostgreSQL that sees the data of an earlier moment (`repeatable read`,
    /// `serializable`) is refused where the caller's account, session or roles were written to
    /// since: the next one sees them.
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say. [`CreateUserError::Internal`] also
    /// where the transaction is none, or on another database than the engine.
    pub async fn insert<'c>(
        &self,
        transaction: impl Into<Transaction<'c>>,
    ) -> Result<User, CreateUserError> {
        let made = self.0.write_within(transaction.into()).await?;
        made.ok_or_else(not_made)
    }

    /// Writes the account in a transaction of its own.
    pub(super) async fn write(self) -> Result<User, CreateUserError> {
        self.0.write().await?.ok_or_else(not_made)
    }
}

fn not_made() -> CreateUserError {
    Failure::internal("an account was not made").into()
}

impl NewAccount {
    /// Writes it with its roles and its password, all in one transaction; `None` where it was
    /// to be the first admin and is not.
    pub(super) async fn write(self) -> Result<Option<User>, CreateUserError> {
        let (user, catalogue) = (self.stamped(), Arc::clone(&self.catalogue));
        let (engine, inserted) = (self.engine.clone(), user.clone());
        let made = engine
            .database()
            .write(move |tx| Box::pin(async move { self.insert_as(tx, &inserted).await }))
            .await?;
        Ok(made.then(|| user.into_user(&catalogue)))
    }

    /// The same as a part of somebody else's transaction.
    pub(super) async fn write_within(
        &self,
        transaction: Transaction<'_>,
    ) -> Result<Option<User>, CreateUserError> {
        let (user, account) = (self.stamped(), self.clone());
        let inserted = user.clone();
        let made = self
            .engine
            .database()
            .write_within(transaction, user.id.as_uuid(), move |tx| {
                Box::pin(async move { account.insert_as(tx, &inserted).await })
            })
            .await?;
        Ok(made.then(|| user.into_user(&self.catalogue)))
    }

    async fn insert_as(&self, tx: &mut Tx<'_>, user: &UserRecord) -> Result<bool, CreateUserError> {
        if !self.may_be_made(tx, user).await? {
            return Ok(false);
        }
        let (engine, caller) = (&self.engine, &self.caller);
        engine.insert_rows(tx, user, &self.hash, caller).await?;
        let record = engine.record(self.maker.action(), caller).on(user.id);
        audit::insert(tx, &record).await?;
        Ok(true)
    }

    /// Whether the account may still be made: the caller's rights count as they are now.
    async fn may_be_made(
        &self,
        tx: &mut Tx<'_>,
        user: &UserRecord,
    ) -> Result<bool, CreateUserError> {
        match self.maker {
            Maker::Owner => Ok(true),
            Maker::Caller => {
                let standing = Standing::of(tx, &self.caller, user.created_at).await?;
                if !standing.caller.is_permitted(&Permission::USERS_WRITE) {
                    return Err(CreateUserError::BeyondOwnRights);
                }
                check_grant(&standing.caller, &user.roles, &standing.catalogue)?;
                Ok(true)
            }
            Maker::Installation => {
                roles::lock_admins(tx).await?;
                Ok(users::count_admins(tx).await? == 0)
            }
        }
    }

    /// The account as it is made at this moment. Between preparation and commit there may be
    /// minutes, and more than one attempt.
    fn stamped(&self) -> UserRecord {
        let now = self.engine.now();
        UserRecord {
            id: UserId::generate(now, self.engine.entropy()),
            verified_at: self.user.verified_at.map(|_| now),
            deactivated_at: self.user.deactivated_at.map(|_| now),
            created_at: now,
            updated_at: now,
            ..self.user.clone()
        }
    }
}
