//! Accounts made by a caller who may, in a transaction of the engine or of the application.

use std::sync::Arc;

use super::verification::mail_verification;
use crate::domain::account::{
    IdentityRejected, NewPassword, NewUser, User, UserRecord, check_identity,
};
use crate::domain::audit::Action;
use crate::domain::authz::{
    NotAssignable, Permission, RoleCatalogue, RoleName, UsersWrite, check_assignable,
};
use crate::domain::caller::{Caller, Permitted};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::password::{PasswordHash, PasswordRejected};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authn::fails_by_new_password;
use crate::ops::authn::new_password::check_new_password;
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::cached::role_catalogue;
use crate::ops::failing::fails_internally;
use crate::password::UnusableHash;
use crate::store::db::{Constraint, StoreError, Transaction, Tx};
use crate::store::{audit, passwords, roles, user_lists, users};

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The account can't have these names.
    #[error(transparent)]
    Identity(#[from] IdentityRejected),
    /// One of the roles is not defined.
    #[error("there is no such role")]
    UnknownRole,
    /// There are more roles than one account can have.
    #[error("there are too many roles")]
    TooManyRoles,
    /// The roles permit more than the caller may do, or the caller may grant none.
    #[error("the roles reach beyond the caller's own rights")]
    BeyondOwnRights,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// The password is against the policy.
    #[error(transparent)]
    PasswordRejected(#[from] PasswordRejected),
    /// The hash of the password is none that could be verified at a login.
    #[error(transparent)]
    UnusableHash(#[from] UnusableHash),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be made")]
    Internal(#[source] Failure),
}

fails_internally!(CreateUserError);
fails_by_new_password!(CreateUserError);
fails_without_standing!(CreateUserError);

/// Makes an account for somebody else.
pub(crate) async fn create_user(
    engine: &Arc<Engine>,
    by: &Permitted<UsersWrite>,
    new: NewUser,
) -> Result<User, CreateUserError> {
    prepare_user(engine, by, new).await?.write().await
}

/// Makes an account unless there is an admin already, active or not: the way in to a
/// new installation.
pub(crate) async fn create_first_admin(
    engine: &Arc<Engine>,
    by: &Permitted<UsersWrite>,
    new: NewUser,
) -> Result<Option<User>, CreateUserError> {
    check_grant(by.caller(), &new.roles, &*role_catalogue(engine).await?)?;
    if has_admin(engine).await? {
        return Ok(None);
    }
    let account = prepare_account(engine, new, by.caller(), Maker::Installation);
    account.await?.write().await
}

/// The hash of a new account's password: of one that was chosen once it was found to be
/// allowed, of one that is moved over once it was found to be readable.
pub(super) async fn hash_of_new(
    engine: &Arc<Engine>,
    new: &NewUser,
    caller: &Caller,
) -> Result<PasswordHash, CreateUserError> {
    match &new.password {
        NewPassword::Chosen(password) => {
            check_new_password(engine, (new, password), caller).await?;
            Ok(engine.hasher().hash(password.clone()).await?)
        }
        NewPassword::Hashed(hash) => {
            hash.check_usable()?;
            Ok(hash.clone())
        }
    }
}

/// Whether there is an admin, active or not.
pub(crate) async fn has_admin(engine: &Arc<Engine>) -> Result<bool, Failure> {
    engine
        .database()
        .read(|tx| Box::pin(async move { Ok(user_lists::count_admins(tx).await? > 0) }))
        .await
        .map_err(|error: StoreError| error.into())
}

/// Writes the rows of a new account; who has not shown that the address is theirs is
/// mailed how to.
pub(super) async fn insert_rows(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    user: &UserRecord,
    hash: &PasswordHash,
    caller: &Caller,
) -> Result<(), CreateUserError> {
    insert(tx, user, hash).await?;
    if user.verified_at.is_none() && engine.sends_mail() {
        mail_verification(engine, tx, user, caller).await?;
    }
    Ok(())
}

pub(super) fn new_record(engine: &Arc<Engine>, mut new: NewUser) -> UserRecord {
    let now = engine.now();
    new.roles.sort();
    new.roles.dedup();
    UserRecord {
        id: UserId::generate(now, engine.entropy()),
        email: new.email,
        username: new.username,
        full_name: new.full_name,
        roles: new.roles,
        verified_at: new.is_verified.then_some(now),
        deactivated_at: (!new.is_active).then_some(now),
        created_at: now,
        updated_at: now,
        last_login_at: None,
        session_epoch: 0,
    }
}

/// Who grants roles must be permitted to, and may grant nothing beyond their own rights.
pub(super) fn check_grant(
    caller: &Caller,
    roles: &[RoleName],
    catalogue: &RoleCatalogue,
) -> Result<(), CreateUserError> {
    check_assignable(roles, catalogue).map_err(CreateUserError::from)?;
    let plain = roles.iter().all(|role| *role == RoleName::USER);
    let may_grant = plain || caller.is_permitted(&Permission::ROLES_ASSIGN);
    if may_grant && caller.covers_roles(roles, catalogue) {
        Ok(())
    } else {
        Err(CreateUserError::BeyondOwnRights)
    }
}

impl From<NotAssignable> for CreateUserError {
    fn from(reason: NotAssignable) -> Self {
        match reason {
            NotAssignable::Unknown => Self::UnknownRole,
            NotAssignable::TooMany => Self::TooManyRoles,
        }
    }
}

async fn insert(
    tx: &mut Tx<'_>,
    user: &UserRecord,
    hash: &PasswordHash,
) -> Result<(), CreateUserError> {
    users::insert(tx, user)
        .await
        .map_err(|error| match taken_name(&error) {
            Some(rejected) => rejected.into(),
            None => CreateUserError::from(error),
        })?;
    passwords::put(tx, user.id, hash, user.created_at).await?;
    roles::assign(tx, user.id, &user.roles, user.created_at)
        .await
        .map_err(|error| match error {
            StoreError::Constraint(Constraint::Reference) => CreateUserError::UnknownRole,
            other => other.into(),
        })
}

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
    engine: Arc<Engine>,
    /// Its id and times are those of the preparation; each attempt to write it has its own.
    user: UserRecord,
    hash: PasswordHash,
    catalogue: Arc<RoleCatalogue>,
    caller: Caller,
    maker: Maker,
}

/// An account for somebody else that was checked and only has to be written.
///
/// Made by [`Doorward::prepare_user`](crate::Doorward::prepare_user). It holds the password's hash, and not the password.
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `insert`"]
pub struct PreparedUser(NewAccount);

/// Checks an account for somebody else, and hashes its password: all of
/// [`create_user`](crate::Doorward::create_user) but the writing, for a transaction of the
/// application.
pub(crate) async fn prepare_user(
    engine: &Arc<Engine>,
    by: &Permitted<UsersWrite>,
    new: NewUser,
) -> Result<PreparedUser, CreateUserError> {
    check_grant(by.caller(), &new.roles, &*role_catalogue(engine).await?)?;
    engine.database().learn_place().await?;
    prepare_account(engine, new, by.caller(), Maker::Caller)
        .await
        .map(PreparedUser)
}

/// What every new account goes through before it is written.
pub(super) async fn prepare_account(
    engine: &Arc<Engine>,
    new: NewUser,
    caller: &Caller,
    maker: Maker,
) -> Result<NewAccount, CreateUserError> {
    let required = engine.config().required_identity;
    check_identity(required, new.email.as_ref(), new.username.as_ref())?;
    let hash = hash_of_new(engine, &new, caller).await?;
    let catalogue = role_catalogue(engine).await?;
    Ok(NewAccount {
        engine: Arc::clone(engine),
        user: new_record(engine, new),
        hash,
        catalogue,
        caller: caller.clone(),
        maker,
    })
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
        insert_rows(engine, tx, user, &self.hash, caller).await?;
        let record = audit_record(engine, self.maker.action(), caller).on(user.id);
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
                Ok(user_lists::count_admins(tx).await? == 0)
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

/// The constraint that a write broke, if it is that of a name.
pub(super) fn taken_name(error: &StoreError) -> Option<IdentityRejected> {
    match error {
        StoreError::Constraint(Constraint::UserEmail) => Some(IdentityRejected::EmailTaken),
        StoreError::Constraint(Constraint::UserUsername) => Some(IdentityRejected::UsernameTaken),
        _ => None,
    }
}
