//! Changes of an account, by its owner or by somebody who may.

use std::sync::Arc;
use std::time::Duration;

use super::delete::{another_admin_stays, is_own};
use super::identity::taken_name;
use super::verification::{
    check_change_mail_limits, feign_email_change, leave_address, mail_email_change,
    mail_verification,
};
use crate::domain::account::{
    EmailAddress, IdentityRejected, RequiredIdentity, User, UserChange, UserRecord, check_identity,
};
use crate::domain::audit::{Action, Record};
use crate::domain::authz::{NotAssignable, Permission, RoleCatalogue, RoleName, check_assignable};
use crate::domain::caller::{Actor, Caller};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::Throttled;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::password::{PasswordHash, PasswordRejected};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::authn::new_password::check_changed_password;
use crate::ops::authn::reauthenticate::reauthenticate;
use crate::ops::authn::{Reauthentication, ReauthenticationError, fails_by_new_password};
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::cached::{find_cached_user, role_catalogue};
use crate::ops::failing::fails_internally;
use crate::ops::mail::letter::tell;
use crate::ops::session::end_sessions;
use crate::store::db::{Change, Constraint, StoreError, Tx};
use crate::store::{audit, login_failures, passwords, roles, tokens, users};

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

/// Changes an account: its owner the plain fields, whoever may write accounts all.
pub(crate) async fn update_user(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
    change: UserChange,
    proof: &Reauthentication,
) -> Result<User, UpdateUserError> {
    check_permitted(caller, id, &change)?;
    let catalogue = role_catalogue(engine).await?;
    let user = find_cached_user(engine, id)
        .await?
        .ok_or(UpdateUserError::NotFound)?;
    check_reach(caller, id, &user.roles, &catalogue)?;
    check_grant(caller, &change, &catalogue)?;
    check_still_the_owner(engine, caller, &user, &change, proof).await?;
    let to_verify = address_to_verify(engine, caller, id, &change);
    if let Some(new) = &to_verify
        && !is_same(user.email.as_ref(), Some(new))
    {
        check_change_mail_limits(engine, id, new, caller).await?;
    }
    let password = hash_new_password(engine, &user, &change, caller).await?;
    let update = Update {
        engine: Arc::clone(engine),
        id,
        records: records_of(engine, caller, id, &change),
        now: engine.now(),
        to_verify,
        required: engine.config().required_identity,
        caller: caller.clone(),
        change,
        password,
    };
    engine
        .database()
        .write(move |tx| Box::pin(async move { update.write(tx).await }))
        .await
}

/// A new address or password is not for whoever finds a browser left open.
async fn check_still_the_owner(
    engine: &Arc<Engine>,
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
        reauthenticate(engine, who, caller, proof).await?;
    }
    Ok(())
}

/// The new address of whoever changes their own: it has to be verified before it counts,
/// unless there is no mail to verify it with.
fn address_to_verify(
    engine: &Arc<Engine>,
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
        .filter(|_| is_own(caller, id) && engine.sends_mail() && !may_do_without)
}

async fn hash_new_password(
    engine: &Arc<Engine>,
    user: &User,
    change: &UserChange,
    caller: &Caller,
) -> Result<Option<PasswordHash>, UpdateUserError> {
    let Some(password) = &change.password else {
        return Ok(None);
    };
    check_changed_password(engine, user, (change, password), caller).await?;
    Ok(Some(engine.hasher().hash(password.clone()).await?))
}

/// One record for each kind of thing that is done.
fn records_of(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
    change: &UserChange,
) -> Vec<Record> {
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
    .map(|(_, action)| audit_record(engine, action, caller).on(id))
    .collect()
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
    engine: Arc<Engine>,
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
            let (to, notice) = (Recipient::of_record(before), MailKind::PasswordChanged);
            tell(engine, tx, to, notice, facts, origin).await?;
        }
        if is_same(before.email.as_ref(), after.email.as_ref()) {
            return Ok(());
        }
        let new = after.email.as_ref();
        leave_address(engine, tx, before, new, &self.caller).await?;
        if after.verified_at.is_none() && after.deactivated_at.is_none() && engine.sends_mail() {
            mail_verification(engine, tx, after, &self.caller).await?;
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
            return Ok(mail_email_change(engine, tx, owner, new, &self.caller).await?);
        };
        if engine.config().registration_reveals {
            return Err(IdentityRejected::EmailTaken.into());
        }
        feign_email_change(engine, tx, owner, new, &self.caller).await?;
        let other = users::find(tx, taken_by.id).await?;
        let to = other.as_ref().and_then(Recipient::of_record);
        let facts = MailFacts::of_event(origin, self.now);
        let kind = MailKind::AlreadyRegistered;
        Ok(tell(engine, tx, to, kind, facts, origin).await?)
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
    match taken_name(&error) {
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
