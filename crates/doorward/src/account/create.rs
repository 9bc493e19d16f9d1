//! Accounts made by somebody who may, and what every new account goes through.

use super::{EmailAddress, FullName, User, UserRecord, Username};
use crate::audit::{Action, Record};
use crate::authn::password::{Password, PasswordHash, PasswordRejected};
use crate::authz::{Caller, Permission, Permitted, RoleName, UsersWrite};
use crate::config::RequiredIdentity;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::store::db::{Constraint, StoreError, Tx};
use crate::store::{audit, passwords, roles, users};

/// An account to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The password.
    pub password: Password,
    /// The roles.
    pub roles: Vec<RoleName>,
    /// Whether the account may be used.
    pub is_active: bool,
    /// Whether the e-mail address counts as verified.
    pub is_verified: bool,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// Another account has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// An e-mail address is required, and was not given.
    #[error("an e-mail address is required")]
    EmailMissing,
    /// A username is required, and was not given.
    #[error("a username is required")]
    UsernameMissing,
    /// One of the roles is not defined.
    #[error("there is no such role")]
    UnknownRole,
    /// The roles permit more than the caller may do, or the caller may grant none.
    #[error("the roles reach beyond the caller's own rights")]
    BeyondOwnRights,
    /// The password is against the policy.
    #[error(transparent)]
    PasswordRejected(PasswordRejected),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be made")]
    Internal(#[source] Failure),
}

fails_internally!(CreateUserError);

impl From<InsertUserError> for CreateUserError {
    fn from(error: InsertUserError) -> Self {
        match error {
            InsertUserError::EmailTaken => Self::EmailTaken,
            InsertUserError::UsernameTaken => Self::UsernameTaken,
            InsertUserError::EmailMissing => Self::EmailMissing,
            InsertUserError::UsernameMissing => Self::UsernameMissing,
            InsertUserError::UnknownRole => Self::UnknownRole,
            InsertUserError::PasswordRejected(rejected) => Self::PasswordRejected(rejected),
            InsertUserError::Internal(failure) => Self::Internal(failure),
        }
    }
}

/// Why a new account was refused, whoever makes it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InsertUserError {
    #[error("the e-mail address is taken")]
    EmailTaken,
    #[error("the username is taken")]
    UsernameTaken,
    #[error("an e-mail address is required")]
    EmailMissing,
    #[error("a username is required")]
    UsernameMissing,
    #[error("there is no such role")]
    UnknownRole,
    #[error(transparent)]
    PasswordRejected(#[from] PasswordRejected),
    #[error("the account could not be made")]
    Internal(#[source] Failure),
}

fails_internally!(InsertUserError);

impl Doorward {
    /// Makes an account for somebody else.
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say.
    pub async fn create_user(
        &self,
        by: &Permitted<UsersWrite>,
        new: NewUser,
    ) -> Result<User, CreateUserError> {
        self.check_grant(by.caller(), &new.roles).await?;
        let record = self.record(Action::UserCreated, by.caller());
        Ok(self.insert_user(new, record, false).await?)
    }

    /// Makes an account unless there is an admin already, active or not: the way in to a
    /// new installation.
    ///
    /// # Errors
    /// The variants of [`CreateUserError`] as they say.
    pub async fn create_first_admin(
        &self,
        by: &Permitted<UsersWrite>,
        new: NewUser,
    ) -> Result<Option<User>, CreateUserError> {
        self.check_grant(by.caller(), &new.roles).await?;
        if self.has_admin().await? {
            return Ok(None);
        }
        let record = self.record(Action::UserCreated, by.caller());
        match self.insert_user(new, record, true).await {
            // Another process was faster.
            Err(InsertUserError::EmailTaken | InsertUserError::UsernameTaken)
                if self.has_admin().await? =>
            {
                Ok(None)
            }
            result => Ok(Some(result?)),
        }
    }

    /// Whether there is an admin, active or not.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn has_admin(&self) -> Result<bool, Failure> {
        self.database()
            .read(|tx| Box::pin(async move { Ok(users::count_admins(tx).await? > 0) }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// Who grants roles must be permitted to, and may grant nothing beyond their own rights.
    async fn check_grant(
        &self,
        caller: &Caller,
        roles: &[RoleName],
    ) -> Result<(), CreateUserError> {
        let catalogue = self.role_catalogue().await?;
        if roles.iter().any(|role| catalogue.find(role).is_none()) {
            return Err(CreateUserError::UnknownRole);
        }
        let plain = roles.iter().all(|role| *role == RoleName::user());
        let may_grant = plain || caller.is_permitted(&Permission::ROLES_ASSIGN);
        if may_grant && caller.covers_roles(roles, &catalogue) {
            Ok(())
        } else {
            Err(CreateUserError::BeyondOwnRights)
        }
    }

    /// Makes an account with its roles and its password, all in one transaction.
    pub(super) async fn insert_user(
        &self,
        new: NewUser,
        record: Record,
        only_first_admin: bool,
    ) -> Result<User, InsertUserError> {
        self.check_identity(new.email.as_ref(), new.username.as_ref())?;
        self.config()
            .password_policy
            .check_password(&new.password)?;
        let catalogue = self.role_catalogue().await?;
        let hash = self.hasher().hash(new.password.clone()).await?;
        let user = self.new_record(new);
        let record = record.on(user.id);
        let inserted = user.clone();
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if only_first_admin {
                        check_no_admin(tx).await?;
                    }
                    insert(tx, &inserted, &hash).await?;
                    audit::insert(tx, &record).await?;
                    Ok::<_, InsertUserError>(())
                })
            })
            .await?;
        Ok(user.into_user(&catalogue))
    }

    fn new_record(&self, mut new: NewUser) -> UserRecord {
        let now = self.now();
        new.roles.sort();
        new.roles.dedup();
        UserRecord {
            id: UserId::generate(now, self.entropy()),
            email: new.email,
            username: new.username,
            full_name: new.full_name,
            roles: new.roles,
            verified_at: new.is_verified.then_some(now),
            deactivated_at: (!new.is_active).then_some(now),
            created_at: now,
            updated_at: now,
            last_login_at: None,
        }
    }

    /// Whether an account with these names has those that it must have.
    pub(super) fn check_identity(
        &self,
        email: Option<&EmailAddress>,
        username: Option<&Username>,
    ) -> Result<(), InsertUserError> {
        use RequiredIdentity as Required;

        match self.config().required_identity {
            Required::Email | Required::Both if email.is_none() => {
                Err(InsertUserError::EmailMissing)
            }
            Required::Username | Required::Both if username.is_none() => {
                Err(InsertUserError::UsernameMissing)
            }
            Required::Either if email.is_none() && username.is_none() => {
                Err(InsertUserError::EmailMissing)
            }
            _ => Ok(()),
        }
    }
}

async fn check_no_admin(tx: &mut Tx<'_>) -> Result<(), InsertUserError> {
    roles::lock_admins(tx).await?;
    // Reported as what it means to the caller: the account is there already.
    if users::count_admins(tx).await? > 0 {
        Err(InsertUserError::EmailTaken)
    } else {
        Ok(())
    }
}

async fn insert(
    tx: &mut Tx<'_>,
    user: &UserRecord,
    hash: &PasswordHash,
) -> Result<(), InsertUserError> {
    users::insert(tx, user).await.map_err(taken)?;
    passwords::put(tx, user.id, hash, user.created_at).await?;
    roles::assign(tx, user.id, &user.roles, user.created_at)
        .await
        .map_err(unknown_role)
}

fn taken(error: StoreError) -> InsertUserError {
    match error {
        StoreError::Constraint(Constraint::UserEmail) => InsertUserError::EmailTaken,
        StoreError::Constraint(Constraint::UserUsername) => InsertUserError::UsernameTaken,
        other => other.into(),
    }
}

fn unknown_role(error: StoreError) -> InsertUserError {
    match error {
        StoreError::Constraint(Constraint::Reference) => InsertUserError::UnknownRole,
        other => other.into(),
    }
}
