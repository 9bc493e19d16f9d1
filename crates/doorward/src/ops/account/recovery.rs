//! Recovery: a new password by way of the account's e-mail address.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::account::EmailAddress;
use crate::domain::audit::Action;
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::{LimitClass, Throttled};
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::one_time_token::{OneTimeToken, TokenHash, TokenPurpose};
use crate::domain::password::{Password, PasswordHash, PasswordRejected};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::engine::limits::{check_account_limit, check_network_limit};
use crate::ops::authn::fails_by_new_password;
use crate::ops::authn::new_password::check_new_password_of;
use crate::ops::failing::fails_internally;
use crate::ops::jobs::{
    Deferred, JobError, JobKind, complete_with, defer, drop_job, open_deferred,
};
use crate::ops::mail::letter::{mail_token, tell};
use crate::ops::session::end_sessions;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::jobs::Job;
use crate::store::{audit, login_failures, passwords, tokens, users};

/// Mails a link to set a new password, if an active account has the address.
pub(crate) const RESET_PASSWORD: JobKind<Deferred<ResetPassword>> =
    JobKind::deferred("reset_password");

/// The request that [`RESET_PASSWORD`] carries out.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResetPassword {
    email: String,
}

/// Why a request for a link was refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestResetError {
    /// Too many were asked for.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database did not answer.
    #[error("the request could not be written down")]
    Internal(#[source] Failure),
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmResetError {
    /// The token is unknown, expired, used, or of an account that is deactivated.
    #[error("the token is unknown, used or expired")]
    InvalidToken,
    /// The new password is against the policy; the token is as good as before.
    #[error(transparent)]
    PasswordRejected(#[from] PasswordRejected),
    /// Too many were tried.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the password could not be reset")]
    Internal(#[source] Failure),
}

fails_internally!(RequestResetError, ConfirmResetError);
fails_by_new_password!(ConfirmResetError);

/// Asks for a link to set a new password, to be mailed to this address if an active
/// account has it. The answer and its time are the same whether one does.
pub(crate) async fn request_password_reset(
    engine: &Arc<Engine>,
    email: &EmailAddress,
    caller: &Caller,
) -> Result<Option<OneTimeToken>, RequestResetError> {
    let class = LimitClass::PasswordReset;
    check_network_limit(engine, class, caller).await?;
    check_account_limit(engine, class, caller, &address_key(engine, email)).await?;
    if !engine.sends_mail() && !engine.config().reveal_tokens {
        engine.warn_of_missing_mail();
    }
    if engine.config().reveal_tokens {
        // A developer wants the token, and has nobody to hide anything from.
        return Ok(reset_at_once(engine, email, caller).await?);
    }
    let request = ResetPassword {
        email: email.to_string(),
    };
    let (owned, request) = (Arc::clone(engine), Deferred::new(request, &caller.origin));
    engine
        .database()
        .write(move |tx| Box::pin(async move { defer(&owned, tx, RESET_PASSWORD, &request).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(None)
}

/// Carries out a job of [`RESET_PASSWORD`].
pub(crate) async fn run_reset_password(engine: &Arc<Engine>, job: &Job) -> Result<(), JobError> {
    let (request, caller) = open_deferred(engine, RESET_PASSWORD, job)?;
    let email = request.email.parse().map_err(Failure::internal)?;
    let Some(user) = find_user_to_reset(engine, &email, &caller).await? else {
        return Ok(drop_job(engine, job.id).await?);
    };
    let owned = Arc::clone(engine);
    complete_with(engine, job.id, move |tx| {
        Box::pin(async move { issue_reset_token(&owned, tx, user, &caller).await })
    })
    .await
    .map_err(|error: StoreError| Failure::from(error))?;
    Ok(())
}

async fn reset_at_once(
    engine: &Arc<Engine>,
    email: &EmailAddress,
    caller: &Caller,
) -> Result<Option<OneTimeToken>, Failure> {
    let Some(user) = find_user_to_reset(engine, email, caller).await? else {
        return Ok(None);
    };
    let (owned, caller) = (Arc::clone(engine), caller.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move { issue_reset_token(&owned, tx, user, &caller).await })
        })
        .await
        .map_err(|error: StoreError| error.into())
}

/// The account with this address, unless it may get no more mail for a while.
async fn find_user_to_reset(
    engine: &Arc<Engine>,
    email: &EmailAddress,
    caller: &Caller,
) -> Result<Option<UserId>, Failure> {
    let Some(user) = find_user_to_mail(engine, email).await? else {
        return Ok(None);
    };
    let may_mail = check_mail_limit(engine, user, caller).await;
    Ok(may_mail.then_some(user))
}

pub(crate) async fn find_user_to_mail(
    engine: &Arc<Engine>,
    email: &EmailAddress,
) -> Result<Option<UserId>, Failure> {
    let email = email.clone();
    let found = engine
        .database()
        .read(move |tx| Box::pin(async move { users::find_login_by_email(tx, &email).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(found.map(|account| account.id))
}

/// Whether the account may get one more mail that others can cause.
pub(crate) async fn check_mail_limit(engine: &Arc<Engine>, user: UserId, caller: &Caller) -> bool {
    let account = user.to_string();
    check_account_limit(engine, LimitClass::Mail, caller, &account)
        .await
        .inspect_err(|_| tracing::info!(user_id = %user, "no more mail for a while"))
        .is_ok()
}

/// Whether an address that no account has may get one more mail that others can cause.
pub(crate) async fn check_stranger_mail_limit(
    engine: &Arc<Engine>,
    email: &EmailAddress,
    caller: &Caller,
) -> bool {
    let address = address_key(engine, email);
    check_account_limit(engine, LimitClass::Mail, caller, &address)
        .await
        .is_ok()
}

/// What an address is counted as.
pub(super) fn address_key(engine: &Arc<Engine>, email: &EmailAddress) -> String {
    engine
        .keys()
        .limits
        .of("address", &[email.canonical().as_bytes()])
        .to_hex()
}

async fn issue_reset_token(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    user: UserId,
    caller: &Caller,
) -> Result<Option<OneTimeToken>, StoreError> {
    if !users::lock(tx, user).await? {
        return Ok(None);
    }
    let owner = users::find(tx, user).await?;
    let Some(owner) = owner.filter(|owner| owner.deactivated_at.is_none()) else {
        return Ok(None);
    };
    let Some(to) = Recipient::of_record(&owner) else {
        return Ok(None);
    };
    let purpose = TokenPurpose::PasswordReset;
    let token = mail_token(engine, tx, to, user, purpose, &caller.origin).await?;
    let record = audit_record(engine, Action::PasswordResetRequested, caller).on(user);
    audit::insert(tx, &record).await?;
    Ok(Some(token))
}

/// Sets a new password by a mailed token: all sessions end, and logins are let in again.
pub(crate) async fn confirm_password_reset(
    engine: &Arc<Engine>,
    token: &str,
    new: Password,
    caller: &Caller,
) -> Result<(), ConfirmResetError> {
    check_network_limit(engine, LimitClass::PasswordReset, caller).await?;
    let hash = reset_token(token).ok_or(ConfirmResetError::InvalidToken)?;
    // Before anything is hashed for whoever made a token up.
    let user = find_token_owner(engine, hash).await?;
    check_new_password_of(engine, user, &new, caller).await?;
    let new = engine.hasher().hash(new).await?;
    let (owned, caller) = (Arc::clone(engine), caller.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move { reset_password(&owned, tx, (user, hash), &new, &caller).await })
        })
        .await
}

async fn find_token_owner(
    engine: &Arc<Engine>,
    hash: TokenHash,
) -> Result<UserId, ConfirmResetError> {
    let now = engine.now();
    let found = engine
        .database()
        .read(move |tx| {
            Box::pin(async move { tokens::find(tx, hash, TokenPurpose::PasswordReset, now).await })
        })
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    found
        .map(|token| token.user)
        .ok_or(ConfirmResetError::InvalidToken)
}

async fn reset_password(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    (user, token): (UserId, TokenHash),
    new: &PasswordHash,
    caller: &Caller,
) -> Result<(), ConfirmResetError> {
    let now = engine.now();
    users::lock(tx, user).await?;
    let purpose = TokenPurpose::PasswordReset;
    let token = tokens::consume(tx, token, purpose, now)
        .await?
        .ok_or(ConfirmResetError::InvalidToken)?;
    let owner = users::find(tx, user).await?;
    let Some(mut owner) = owner.filter(|owner| owner.deactivated_at.is_none()) else {
        return Err(ConfirmResetError::InvalidToken);
    };
    let is_address = |email: &EmailAddress| email.canonical() == token.email.canonical();
    if !owner.email.as_ref().is_some_and(is_address) {
        return Err(ConfirmResetError::InvalidToken);
    }
    passwords::put(tx, user, new, now).await?;
    end_sessions(tx, user, None, now).await?;
    tokens::revoke_all(tx, user).await?;
    login_failures::clear_all_of(tx, user).await?;
    // A token that was told to whoever asked proves nothing about the address.
    if !engine.config().reveal_tokens {
        owner.verified_at = owner.verified_at.or(Some(now));
    }
    users::update(tx, &owner).await?;
    tx.changed(Change::User(user));
    audit::insert(
        tx,
        &audit_record(engine, Action::PasswordReset, caller).on(user),
    )
    .await?;
    let facts = MailFacts::of_event(&caller.origin, now);
    let (to, notice) = (Recipient::of_record(&owner), MailKind::PasswordChanged);
    Ok(tell(engine, tx, to, notice, facts, &caller.origin).await?)
}

fn reset_token(text: &str) -> Option<TokenHash> {
    TokenHash::of_presented(text)
        .filter(|(purpose, _)| *purpose == TokenPurpose::PasswordReset)
        .map(|(_, hash)| hash)
}
