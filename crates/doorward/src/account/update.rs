//! Changes of an account, by its owner or by somebody who may.

use std::time::Duration;

use super::delete::{another_admin_stays, is_own};
use super::identity::{IdentityRejected, check_identity};
use super::{EmailAddress, FullName, User, UserRecord, Username};
use crate::audit::{Action, Record};
use crate::authn::password::{Password, PasswordHash, PasswordRejected};
use crate::authn::{Reauthentication, ReauthenticationError, fails_by_new_password};
use crate::authz::{
    Actor, Caller, NotAssignable, Permission, RoleCatalogue, RoleName, Standing, check_assignable,
    fails_without_standing,
};
use crate::clock::Timestamp;
use crate::config::RequiredIdentity;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::limits::Throttled;
use crate::mail::{MailFacts, MailKind};
use crate::session::end_sessions;
use crate::store::db::{Change, Constraint, StoreError, Tx};
use crate::store::{audit, login_failures, passwords, roles, tokens, users};

/// What to change of an account; the outer `None` leaves a field as it is, an inner
/// `None` takes its content away.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The e-mail address. A new one is not verified.
    pub email: Option<Option<EmailAddress>>,
    /// The name to log in with.
    pub username: Option<Option<Username>>,
    /// What the person is called.
    pub full_name: Option<Option<FullName>>,
    /// The roles. Not for the owner alone.
    pub roles: Option<Vec<RoleName>>,
    /// Whether the account may be used. Not for the owner alone.
    pub is_active: Option<bool>,
    /// Whether the e-mail address counts as verified. Not for the owner alone.
    pub is_verified: Option<bool>,
    /// The password; all sessions end. Not for the owner alone.
    pub password: Option<Password>,
}

impl UserChange {
    /// Whether it needs a permission, also of the account's owner.
    fn is_privileged(&self) -> bool {
        self.roles.is_some()
            || self.is_active.is_some()
            || self.is_verified.is_some()
            || self.password.is_some()
    }
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// The caller may not change this account, or not these fields.
    #[error("insufficient privileges")]
    Denied,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account can't have these names.
    #[error(transparent)]
    Identity(#[from] IdentityRejected),
    /// One of the roles is not defined.
    #[error("there is no such role")]
    UnknownRole,
    /// There are more roles than one account can have.
    #[error("there are too many roles")]
    TooManyRoles,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// It is the last active admin, and would no longer be.
    #[error("the last active admin must stay one")]
    LastAdmin,
    /// The owner has to show the password, or to have logged in just now.
    #[error("the password or a recent login is needed")]
    ReauthenticationRequired,
    /// The owner's password is another one.
    #[error("the password is incorrect")]
    PasswordIncorrect,
    /// Too many of the owner's passwords were incorrect.
    #[error("too many passwords were incorrect")]
    Locked {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// The owner asked for too many new addresses, or too many asked for this one.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The new password is against the policy.
    #[error(transparent)]
    PasswordRejected(PasswordRejected),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the account could not be changed")]
    Internal(#[source] Failure),
}

fails_internally!(UpdateUserError);
fails_by_new_password!(UpdateUserError);
fails_without_standing!(UpdateUserError);

impl From<ReauthenticationError> for UpdateUserError {
    fn from(error: ReauthenticationError) -> Self {
        match error {
            ReauthenticationError::Required => Self::ReauthenticationRequired,
            ReauthenticationError::Incorrect => Self::PasswordIncorrect,
            ReauthenticationError::Locked { retry_after } => Self::Locked { retry_after },
            ReauthenticationError::Internal(failure) => Self::Internal(failure),
        }
    }
}

impl From<PasswordRejected> for UpdateUserError {
    fn from(rejected: PasswordRejected) -> Self {
        Self::PasswordRejected(rejected)
    }
}

impl From<NotAssignable> for UpdateUserError {
    fn from(reason: NotAssignable) -> Self {
        match reason {
            NotAssignable::Unknown => Self::UnknownRole,
            NotAssignable::TooMany => Self::TooManyRoles,
        }
    }
}

impl Doorward {
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
        check_permitted(caller, id, &change)?;
        let catalogue = self.role_catalogue().await?;
        let user = self
            .find_cached_user(id)
            .await?
            .ok_or(UpdateUserError::NotFound)?;
        check_reach(caller, id, &user.roles, &catalogue)?;
        check_grant(caller, &change, &catalogue)?;
        self.check_still_the_owner(caller, &user, &change, proof)
            .await?;
        let to_verify = self.address_to_verify(caller, id, &change);
        if let Some(new) = &to_verify
            && !is_same(user.email.as_ref(), Some(new))
        {
            self.check_change_mail_limits(id, new, caller).await?;
        }
        let password = self.hash_new_password(&user, &change, caller).await?;
        let update = Update {
            engine: self.clone(),
            id,
            records: self.records_of(caller, id, &change),
            now: self.now(),
            to_verify,
            required: self.config().required_identity,
            caller: caller.clone(),
            change,
            password,
        };
        self.database()
            .write(move |tx| Box::pin(async move { update.write(tx).await }))
            .await
    }

    /// A new address or password is not for whoever finds a browser left open.
    async fn check_still_the_owner(
        &self,
        caller: &Caller,
        user: &User,
        change: &UserChange,
        proof: &Reauthentication,
    ) -> Result<(), UpdateUserError> {
        let Actor::User(who) = &caller.actor else {
            return Ok(());
        };
        let new_email = change
            .email
            .as_ref()
            .is_some_and(|email| *email != user.email);
        if is_own(caller, user.id) && (new_email || change.password.is_some()) {
            self.reauthenticate(who, caller, proof).await?;
        }
        Ok(())
    }

    /// The new address of whoever changes their own: it has to be verified before it counts,
    /// unless there is no mail to verify it with.
    fn address_to_verify(
        &self,
        caller: &Caller,
        id: UserId,
        change: &UserChange,
    ) -> Option<EmailAddress> {
        let may_do_without =
            caller.is_permitted(&Permission::USERS_WRITE) && change.is_verified == Some(true);
        change
            .email
            .clone()
            .flatten()
            .filter(|_| is_own(caller, id) && self.sends_mail() && !may_do_without)
    }

    async fn hash_new_password(
        &self,
        user: &User,
        change: &UserChange,
        caller: &Caller,
    ) -> Result<Option<PasswordHash>, UpdateUserError> {
        let Some(password) = &change.password else {
            return Ok(None);
        };
        self.check_changed_password(user, (change, password), caller)
            .await?;
        Ok(Some(self.hasher().hash(password.clone()).await?))
    }

    /// One record for each kind of thing that is done.
    fn records_of(&self, caller: &Caller, id: UserId, change: &UserChange) -> Vec<Record> {
        let fields = change.email.is_some()
            || change.username.is_some()
            || change.full_name.is_some()
            || change.is_verified.is_some();
        [
            (fields, Action::UserUpdated),
            (change.roles.is_some(), Action::UserRolesChanged),
            (change.is_active == Some(false), Action::UserDeactivated),
            (change.is_active == Some(true), Action::UserActivated),
            (change.password.is_some(), Action::PasswordSet),
        ]
        .into_iter()
        .filter(|(done, _)| *done)
        .map(|(_, action)| self.record(action, caller).on(id))
        .collect()
    }
}

fn check_permitted(
    caller: &Caller,
    id: UserId,
    change: &UserChange,
) -> Result<(), UpdateUserError> {
    let may_write = caller.is_permitted(&Permission::USERS_WRITE);
    let may_assign = caller.is_permitted(&Permission::ROLES_ASSIGN);
    let only_roles = change.roles.is_some() && {
        let rest = UserChange {
            roles: None,
            ..change.clone()
        };
        !rest.is_privileged()
            && rest.email.is_none()
            && rest.username.is_none()
            && rest.full_name.is_none()
    };
    let allowed = if change.roles.is_some() && !may_assign {
        false
    } else {
        may_write || only_roles || (is_own(caller, id) && !change.is_privileged())
    };
    if allowed {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

/// Nobody acts on an account that may do more than they.
fn check_reach(
    caller: &Caller,
    id: UserId,
    roles: &[RoleName],
    catalogue: &RoleCatalogue,
) -> Result<(), UpdateUserError> {
    if is_own(caller, id) || caller.covers_roles(roles, catalogue) {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

/// Nobody makes an account that may do more than they.
fn check_grant(
    caller: &Caller,
    change: &UserChange,
    catalogue: &RoleCatalogue,
) -> Result<(), UpdateUserError> {
    let Some(roles) = &change.roles else {
        return Ok(());
    };
    check_assignable(roles, catalogue)?;
    if caller.covers_roles(roles, catalogue) {
        Ok(())
    } else {
        Err(UpdateUserError::Denied)
    }
}

/// A change on its way into the database.
#[derive(Debug)]
struct Update {
    engine: Doorward,
    /// The address that the account has as soon as it is verified, and not before.
    to_verify: Option<EmailAddress>,
    required: RequiredIdentity,
    caller: Caller,
    id: UserId,
    change: UserChange,
    password: Option<PasswordHash>,
    records: Vec<Record>,
    now: Timestamp,
}

impl Update {
    async fn write(self, tx: &mut Tx<'_>) -> Result<User, UpdateUserError> {
        if !users::lock(tx, self.id).await? {
            return Err(UpdateUserError::NotFound);
        }
        let before = users::find(tx, self.id)
            .await?
            .ok_or(UpdateUserError::NotFound)?;
        self.check_standing(tx, &before).await?;
        let after = self.applied_to(before.clone());
        let to_verify = self
            .to_verify
            .as_ref()
            .filter(|new| !is_same(before.email.as_ref(), Some(new)));
        self.check_names(&after)?;
        if is_active_admin(&before)
            && !is_active_admin(&after)
            && !another_admin_stays(tx, self.id).await?
        {
            return Err(UpdateUserError::LastAdmin);
        }
        self.write_rows(tx, &after).await?;
        self.write_mail(tx, &before, &after).await?;
        if let Some(new) = to_verify {
            self.ask_to_verify(tx, &after, new).await?;
        }
        if !after_is_active(&after) || self.password.is_some() {
            end_sessions(tx, self.id, None, self.now).await?;
        }
        tx.changed(Change::User(self.id));
        for record in &self.records {
            audit::insert(tx, record).await?;
        }
        Ok(after.into_user(&RoleCatalogue::new(roles::list(tx).await?)))
    }

    /// What was found before the transaction counts no more: the caller may have been
    /// deactivated, or the account promoted.
    async fn check_standing(
        &self,
        tx: &mut Tx<'_>,
        user: &UserRecord,
    ) -> Result<(), UpdateUserError> {
        let Standing { caller, catalogue } = Standing::of(tx, &self.caller, self.now).await?;
        check_permitted(&caller, self.id, &self.change)?;
        check_reach(&caller, self.id, &user.roles, &catalogue)?;
        check_grant(&caller, &self.change, &catalogue)
    }

    /// An account from before a name was required may be changed without it, and above all
    /// deactivated.
    fn check_names(&self, after: &UserRecord) -> Result<(), IdentityRejected> {
        if self.change.email.is_none() && self.change.username.is_none() {
            return Ok(());
        }
        check_identity(self.required, after.email.as_ref(), after.username.as_ref())
    }

    async fn write_rows(&self, tx: &mut Tx<'_>, after: &UserRecord) -> Result<(), UpdateUserError> {
        users::update(tx, after).await.map_err(taken)?;
        if self.change.roles.is_some() {
            roles::assign(tx, self.id, &after.roles, self.now)
                .await
                .map_err(unknown_role)?;
        }
        if let Some(hash) = &self.password {
            passwords::put(tx, self.id, hash, self.now).await?;
        }
        Ok(())
    }

    /// Tells the owner of what was changed, and asks for the proof of a new address.
    async fn write_mail(
        &self,
        tx: &mut Tx<'_>,
        before: &UserRecord,
        after: &UserRecord,
    ) -> Result<(), UpdateUserError> {
        let (engine, origin) = (&self.engine, &self.caller.origin);
        if self.password.is_some() {
            tokens::revoke_all(tx, self.id).await?;
            login_failures::clear_all_of(tx, self.id).await?;
            let facts = MailFacts::of_event(origin, self.now);
            let (to, notice) = (before.recipient(), MailKind::PasswordChanged);
            engine.tell(tx, to, notice, facts, origin).await?;
        }
        if is_same(before.email.as_ref(), after.email.as_ref()) {
            return Ok(());
        }
        let new = after.email.as_ref();
        engine.leave_address(tx, before, new, &self.caller).await?;
        if after.verified_at.is_none() && after.deactivated_at.is_none() && engine.sends_mail() {
            engine.mail_verification(tx, after, &self.caller).await?;
        }
        Ok(())
    }

    /// Mails the link that makes a new address the account's. That another account has it is
    /// told at once, unless that is to be told to its owner alone.
    async fn ask_to_verify(
        &self,
        tx: &mut Tx<'_>,
        owner: &UserRecord,
        new: &EmailAddress,
    ) -> Result<(), UpdateUserError> {
        let (engine, origin) = (&self.engine, &self.caller.origin);
        let taken_by = users::find_login_by_email(tx, new).await?;
        let Some(taken_by) = taken_by.filter(|other| other.id != owner.id) else {
            return Ok(engine
                .mail_email_change(tx, owner, new, &self.caller)
                .await?);
        };
        if engine.config().registration_reveals {
            return Err(IdentityRejected::EmailTaken.into());
        }
        engine
            .feign_email_change(tx, owner, new, &self.caller)
            .await?;
        let other = users::find(tx, taken_by.id).await?;
        let to = other.as_ref().and_then(UserRecord::recipient);
        let facts = MailFacts::of_event(origin, self.now);
        let kind = MailKind::AlreadyRegistered;
        Ok(engine.tell(tx, to, kind, facts, origin).await?)
    }

    fn applied_to(&self, mut user: UserRecord) -> UserRecord {
        let change = &self.change;
        // A new spelling of the same address counts at once.
        let waits = self
            .to_verify
            .as_ref()
            .is_some_and(|new| !is_same(user.email.as_ref(), Some(new)));
        if let Some(email) = &change.email
            && !waits
        {
            let same = is_same(email.as_ref(), user.email.as_ref());
            user.verified_at = user.verified_at.filter(|_| same);
            user.email.clone_from(email);
        }
        if let Some(username) = &change.username {
            user.username.clone_from(username);
        }
        if let Some(full_name) = &change.full_name {
            user.full_name.clone_from(full_name);
        }
        if let Some(roles) = &change.roles {
            user.roles.clone_from(roles);
            user.roles.sort();
            user.roles.dedup();
        }
        if let Some(is_active) = change.is_active {
            user.deactivated_at = if is_active {
                None
            } else {
                user.deactivated_at.or(Some(self.now))
            };
        }
        if let Some(is_verified) = change.is_verified {
            user.verified_at = if is_verified {
                user.verified_at.or(Some(self.now))
            } else {
                None
            };
        }
        user.updated_at = self.now;
        user
    }
}

fn is_same(one: Option<&EmailAddress>, other: Option<&EmailAddress>) -> bool {
    one.map(EmailAddress::canonical) == other.map(EmailAddress::canonical)
}

fn is_active_admin(user: &UserRecord) -> bool {
    user.deactivated_at.is_none() && user.roles.contains(&RoleName::ADMIN)
}

fn after_is_active(user: &UserRecord) -> bool {
    user.deactivated_at.is_none()
}

fn taken(error: StoreError) -> UpdateUserError {
    match IdentityRejected::from_store(&error) {
        Some(rejected) => rejected.into(),
        None => error.into(),
    }
}

fn unknown_role(error: StoreError) -> UpdateUserError {
    match error {
        StoreError::Constraint(Constraint::Reference) => UpdateUserError::UnknownRole,
        other => other.into(),
    }
}
