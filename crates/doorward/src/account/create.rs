//! Accounts made by somebody who may, and the rows that every new account has.

use super::identity::IdentityRejected;
use super::prepared::Maker;
use super::{EmailAddress, FullName, User, UserRecord, Username};
use crate::authn::fails_by_new_password;
use crate::authn::password::{Password, PasswordHash, PasswordRejected, UnusableHash};
use crate::authz::{
    Caller, NotAssignable, Permission, Permitted, RoleCatalogue, RoleName, UsersWrite,
    check_assignable, fails_without_standing,
};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::store::db::{Constraint, StoreError, Tx};
use crate::store::{passwords, roles, users};

/// An account to make.
///
/// ```
/// use doorward::{NewUser, RoleName};
///
/// let new = NewUser::new("correct horse battery staple")
///     .email("anna@example.com".parse()?)
///     .roles([RoleName::MODERATOR])
///     .verified(true);
/// assert!(new.is_active);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The name to log in with.
    pub username: Option<Username>,
    /// What the person is called.
    pub full_name: Option<FullName>,
    /// The password, or the hash of one.
    pub(crate) password: NewPassword,
    /// The roles. Default: `user` alone.
    pub roles: Vec<RoleName>,
    /// Whether the account may be used. Default: yes.
    pub is_active: bool,
    /// Whether the e-mail address counts as verified. Default: no.
    pub is_verified: bool,
}

/// What an account is to have as its password.
#[derive(Clone, Debug)]
pub(crate) enum NewPassword {
    /// One that was chosen.
    Chosen(Password),
    /// One that an earlier system has hashed.
    Hashed(PasswordHash),
}

impl NewUser {
    /// An account with this password, and no name yet.
    pub fn new(password: impl Into<Password>) -> Self {
        Self::with(NewPassword::Chosen(password.into()))
    }

    /// An account that is moved over from another system, with the hash of its password, and no
    /// name yet.
    ///
    /// What the password is like is not known and not asked. The hash is one of argon2, bcrypt,
    /// PBKDF2-SHA256 or scrypt as passlib and Django write them; at the next login it is
    /// replaced by a current one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use doorward::testing::{TestDoorward, operator};
    /// use doorward::{NewUser, PasswordHash, UsersWrite};
    ///
    /// # let auth = TestDoorward::start().await;
    /// # let by = operator::<UsersWrite>();
    /// let hash = "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2";
    /// let moved = NewUser::with_password_hash(PasswordHash::new(hash.to_owned()))
    ///     .email("anna@example.com".parse()?)
    ///     .verified(true);
    /// let anna = auth.engine().create_user(&by, moved).await?;
    /// # auth.log_in("anna@example.com", "user1234").await;
    /// # drop(anna);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_password_hash(hash: PasswordHash) -> Self {
        Self::with(NewPassword::Hashed(hash))
    }

    fn with(password: NewPassword) -> Self {
        Self {
            email: None,
            username: None,
            full_name: None,
            password,
            roles: vec![RoleName::USER],
            is_active: true,
            is_verified: false,
        }
    }

    /// The same with this e-mail address.
    #[must_use]
    pub fn email(mut self, email: EmailAddress) -> Self {
        self.email = Some(email);
        self
    }

    /// The same with this name to log in with.
    #[must_use]
    pub fn username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// The same with what the person is called.
    #[must_use]
    pub fn full_name(mut self, full_name: FullName) -> Self {
        self.full_name = Some(full_name);
        self
    }

    /// The same with these roles and no others.
    #[must_use]
    pub fn roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.roles = roles.into_iter().collect();
        self
    }

    /// The same, to be used at once or not.
    #[must_use]
    pub fn active(mut self, is_active: bool) -> Self {
        self.is_active = is_active;
        self
    }

    /// The same, with an e-mail address that counts as verified or not.
    #[must_use]
    pub fn verified(mut self, is_verified: bool) -> Self {
        self.is_verified = is_verified;
        self
    }
}

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

impl Doorward {
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
        self.prepare_user(by, new).await?.write().await
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
        check_grant(by.caller(), &new.roles, &*self.role_catalogue().await?)?;
        if self.has_admin().await? {
            return Ok(None);
        }
        let account = self.prepare_account(new, by.caller(), Maker::Installation);
        account.await?.write().await
    }

    /// The hash of a new account's password: of one that was chosen once it was found to be
    /// allowed, of one that is moved over once it was found to be readable.
    pub(super) async fn hash_of_new(
        &self,
        new: &NewUser,
        caller: &Caller,
    ) -> Result<PasswordHash, CreateUserError> {
        match &new.password {
            NewPassword::Chosen(password) => {
                self.check_new_password((new, password), caller).await?;
                Ok(self.hasher().hash(password.clone()).await?)
            }
            NewPassword::Hashed(hash) => {
                hash.check_usable()?;
                Ok(hash.clone())
            }
        }
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
        self.database()
            .read(|tx| Box::pin(async move { Ok(users::count_admins(tx).await? > 0) }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// Writes the rows of a new account; who has not shown that the address is theirs is
    /// mailed how to.
    pub(super) async fn insert_rows(
        &self,
        tx: &mut Tx<'_>,
        user: &UserRecord,
        hash: &PasswordHash,
        caller: &Caller,
    ) -> Result<(), CreateUserError> {
        insert(tx, user, hash).await?;
        if user.verified_at.is_none() && self.sends_mail() {
            self.mail_verification(tx, user, caller).await?;
        }
        Ok(())
    }

    pub(super) fn new_record(&self, mut new: NewUser) -> UserRecord {
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
        .map_err(|error| match IdentityRejected::from_store(&error) {
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
