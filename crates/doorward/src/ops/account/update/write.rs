//! A change of an account, in one transaction.

use std::sync::Arc;

use super::{UpdateUserError, check_grant, check_permitted, check_reach, is_same};
use crate::domain::account::{
    EmailAddress, IdentityRejected, RequiredIdentity, User, UserChange, UserRecord, check_identity,
};
use crate::domain::audit::Record;
use crate::domain::authz::{RoleCatalogue, RoleName};
use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::password::PasswordHash;
use crate::engine::Engine;
use crate::ops::account::create::taken_name;
use crate::ops::account::delete::another_admin_stays;
use crate::ops::account::verification::{
    feign_email_change, leave_address, mail_email_change, mail_verification,
};
use crate::ops::authz::Standing;
use crate::ops::mail::letter::tell;
use crate::ops::session::end_sessions;
use crate::store::db::{Change, Constraint, StoreError, Tx};
use crate::store::{audit, login_failures, passwords, roles, tokens, users};

/// A change on its way into the database.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) engine: Arc<Engine>,
    /// The address that the account has as soon as it is verified, and not before.
    pub(super) to_verify: Option<EmailAddress>,
    pub(super) required: RequiredIdentity,
    pub(super) caller: Caller,
    pub(super) id: UserId,
    pub(super) change: UserChange,
    pub(super) password: Option<PasswordHash>,
    pub(super) records: Vec<Record>,
    pub(super) now: Timestamp,
}

impl Update {
    pub(super) async fn write(self, tx: &mut Tx<'_>) -> Result<User, UpdateUserError> {
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
