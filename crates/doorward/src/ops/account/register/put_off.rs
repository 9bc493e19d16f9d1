//! Registration that reveals nothing: the same work and the same answer whether the names are
//! free or not; what became of it is told by mail.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::account::{
    EmailAddress, FullName, IdentityRejected, NewUser, User, UserRecord, Username, check_identity,
};
use crate::domain::audit::Action;
use crate::domain::authz::check_assignable;
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::{JobId, UserId};
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::password::PasswordHash;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::account::create::{hash_of_new, insert_rows};
use crate::ops::account::recovery::{
    check_mail_limit, check_stranger_mail_limit, find_user_to_mail,
};
use crate::ops::account::{CreateUserError, RegisterError};
use crate::ops::cached::role_catalogue;
use crate::ops::jobs::{Deferred, JobError, JobKind, complete_with, drop_job, open_deferred};
use crate::ops::mail::letter::tell;
use crate::store::db::StoreError;
use crate::store::jobs::Job;
use crate::store::{audit, users};

/// Creates an account, or tells the address that it has one.
pub(crate) const REGISTER: JobKind<Deferred<DeferredRegistration>> = JobKind::deferred("register");

/// The request that [`REGISTER`] carries out. Its password was checked and hashed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DeferredRegistration {
    email: String,
    username: Option<String>,
    full_name: Option<String>,
    hash: String,
    role: String,
}

/// Checks and hashes the password; the rest is left for later.
pub(super) async fn prepare_deferred(
    engine: &Arc<Engine>,
    new: NewUser,
    caller: &Caller,
) -> Result<Deferred<DeferredRegistration>, RegisterError> {
    let required = engine.config().required_identity;
    check_identity(required, new.email.as_ref(), new.username.as_ref())?;
    // There is no other way to tell what became of it.
    let email = new.email.as_ref().ok_or(IdentityRejected::EmailMissing)?;
    check_assignable(&new.roles, &*role_catalogue(engine).await?)
        .map_err(|_| RegisterError::RoleNotSelfAssignable)?;
    let hash = hash_of_new(engine, &new, caller).await?;
    let request = DeferredRegistration {
        email: email.to_string(),
        username: new.username.map(|name| name.to_string()),
        full_name: new.full_name.map(|name| name.as_str().to_owned()),
        hash: hash.as_str().to_owned(),
        role: new
            .roles
            .first()
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    Ok(Deferred::new(request, &caller.origin))
}

/// Carries out a job of [`REGISTER`]. Returns the account, if it was created just now, and the
/// caller that registered it.
pub(crate) async fn run_registration(
    engine: &Arc<Engine>,
    job: &Job,
) -> Result<Option<(User, Caller)>, JobError> {
    let (registration, caller) = open_deferred(engine, REGISTER, job)?;
    let catalogue = role_catalogue(engine).await?;
    let (user, hash) = deferred_user(engine, registration)?;
    let record = audit_record(engine, Action::UserRegistered, &caller).on(user.id);
    let (owned, origin, inserted) = (Arc::clone(engine), caller.clone(), user.clone());
    let created = complete_with(engine, job.id, move |tx| {
        Box::pin(async move {
            insert_rows(&owned, tx, &inserted, &hash, &origin).await?;
            audit::insert(tx, &record).await?;
            Ok::<_, CreateUserError>(())
        })
    })
    .await;
    match created {
        Ok(created) => Ok(created.map(|()| (user.into_user(&catalogue), caller))),
        Err(CreateUserError::Identity(_)) => {
            tell_of_taken_name(engine, job.id, user, &caller).await?;
            Ok(None)
        }
        Err(CreateUserError::Internal(failure)) => Err(failure.into()),
        Err(other) => Err(Failure::internal(other).into()),
    }
}

fn deferred_user(
    engine: &Arc<Engine>,
    registration: DeferredRegistration,
) -> Result<(UserRecord, PasswordHash), Failure> {
    let now = engine.now();
    let email: EmailAddress = registration.email.parse().map_err(Failure::internal)?;
    let username: Option<Username> = registration
        .username
        .map(|name| name.parse())
        .transpose()
        .map_err(Failure::internal)?;
    let full_name: Option<FullName> = registration
        .full_name
        .map(|name| name.parse())
        .transpose()
        .map_err(Failure::internal)?;
    let user = UserRecord {
        id: UserId::generate(now, engine.entropy()),
        email: Some(email),
        username,
        full_name,
        roles: vec![registration.role.parse().map_err(Failure::internal)?],
        verified_at: None,
        deactivated_at: None,
        created_at: now,
        updated_at: now,
        last_login_at: None,
        session_epoch: 0,
    };
    Ok((user, PasswordHash::new(registration.hash)))
}

async fn tell_of_taken_name(
    engine: &Arc<Engine>,
    job: JobId,
    wanted: UserRecord,
    caller: &Caller,
) -> Result<(), Failure> {
    let Some(email) = wanted.email else {
        return drop_job(engine, job).await;
    };
    let owner = find_user_to_mail(engine, &email).await?;
    let may_mail = match owner {
        Some(owner) => check_mail_limit(engine, owner, caller).await,
        None => check_stranger_mail_limit(engine, &email, caller).await,
    };
    if !may_mail {
        return drop_job(engine, job).await;
    }
    let (owned, origin) = (Arc::clone(engine), caller.origin.clone());
    complete_with(engine, job, move |tx| {
        Box::pin(async move {
            let owner = match owner {
                Some(owner) => users::find(tx, owner).await?,
                None => None,
            };
            let stranger = Recipient {
                user: None,
                email: &email,
                name: None,
            };
            let (to, kind) = match &owner {
                Some(owner) => (Recipient::of_record(owner), MailKind::AlreadyRegistered),
                None => (Some(stranger), MailKind::UsernameTaken),
            };
            let facts = MailFacts::of_event(&origin, owned.now());
            tell(&owned, tx, to, kind, facts, &origin).await
        })
    })
    .await
    .map(drop)
    .map_err(|error: StoreError| error.into())
}
