//! Verification: showing that mail to an address is read, the account's or one that it is
//! to have.

use std::sync::Arc;

use super::create::taken_name;
use super::recovery::address_key;
use crate::domain::account::{EmailAddress, UserRecord};
use crate::domain::audit::Action;
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::{LimitClass, Throttled};
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::one_time_token::{OneTimeToken, TokenHash, TokenPurpose};
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::engine::limits::{check_account_limit, check_network_limit};
use crate::ops::authz::{Standing, fails_without_standing};
use crate::ops::failing::fails_internally;
use crate::ops::mail::letter::{mail_token, renew_token, tell};
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, tokens, users};

/// What a request for a link to verify the address came to.
#[derive(Debug)]
pub enum VerificationRequest {
    /// The address is verified already.
    AlreadyVerified,
    /// A link was mailed. The token itself is told where the builder was told to reveal tokens.
    Sent(Option<OneTimeToken>),
}

/// Why no link was mailed.
#[derive(Debug, thiserror::Error)]
pub enum RequestVerificationError {
    /// The account has no address.
    #[error("the account has no e-mail address")]
    NoAddress,
    /// The engine was built without mail.
    #[error("there is no mail to send a link with")]
    NoMail,
    /// Too many were asked for.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// The database did not answer.
    #[error("the link could not be mailed")]
    Internal(#[source] Failure),
}

/// Why an address was not verified.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmVerificationError {
    /// The token is unknown, expired, used, or of an address that is the account's no more.
    #[error("the token is unknown, used or expired")]
    InvalidToken,
    /// Another account has the address by now.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Too many were tried.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database did not answer.
    #[error("the address could not be verified")]
    Internal(#[source] Failure),
}

fails_internally!(RequestVerificationError, ConfirmVerificationError);
fails_without_standing!(RequestVerificationError);

/// Mails a link to verify the address of whoever asks; earlier links are worth nothing
/// any more.
pub(crate) async fn request_email_verification(
    engine: &Arc<Engine>,
    who: &Authenticated,
    caller: &Caller,
) -> Result<VerificationRequest, RequestVerificationError> {
    let class = LimitClass::Verification;
    check_network_limit(engine, class, caller).await?;
    check_account_limit(engine, class, caller, &who.user.id.to_string()).await?;
    if who.user.is_verified() {
        return Ok(VerificationRequest::AlreadyVerified);
    }
    if who.user.email.is_none() {
        return Err(RequestVerificationError::NoAddress);
    }
    if !engine.sends_mail() && !engine.config().reveal_tokens {
        return Err(RequestVerificationError::NoMail);
    }
    check_verification_mail_limit(engine, who.user.id, caller).await?;
    let (owned, caller, user) = (Arc::clone(engine), caller.clone(), who.user.id);
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move { issue_verification(&owned, tx, user, &caller).await })
        })
        .await
}

/// Nobody has shown yet that they want mail at the address.
async fn check_verification_mail_limit(
    engine: &Arc<Engine>,
    user: UserId,
    caller: &Caller,
) -> Result<(), Throttled> {
    check_account_limit(
        engine,
        LimitClass::Mail,
        caller,
        &format!("verification:{user}"),
    )
    .await
}

/// The same of an address that an account is to have: it counts however many accounts ask
/// for it, and whether one has it or not.
pub(crate) async fn check_change_mail_limits(
    engine: &Arc<Engine>,
    user: UserId,
    new: &EmailAddress,
    caller: &Caller,
) -> Result<(), Throttled> {
    let address = address_key(engine, new);
    for key in [format!("change:{user}"), format!("change:{address}")] {
        check_account_limit(engine, LimitClass::Mail, caller, &key).await?;
    }
    Ok(())
}

async fn issue_verification(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    user: UserId,
    caller: &Caller,
) -> Result<VerificationRequest, RequestVerificationError> {
    users::lock(tx, user).await?;
    Standing::of(tx, caller, engine.now()).await?;
    let owner = users::find(tx, user)
        .await?
        .ok_or(RequestVerificationError::Revoked)?;
    if owner.verified_at.is_some() {
        return Ok(VerificationRequest::AlreadyVerified);
    }
    let token = mail_verification(engine, tx, &owner, caller)
        .await?
        .ok_or(RequestVerificationError::NoAddress)?;
    let record = audit_record(engine, Action::VerificationRequested, caller).on(user);
    audit::insert(tx, &record).await?;
    let shown = engine.config().reveal_tokens.then_some(token);
    Ok(VerificationRequest::Sent(shown))
}

/// Mails an account the link to verify its address, in the transaction that made one
/// necessary; `None` where it has no address.
pub(crate) async fn mail_verification(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    owner: &UserRecord,
    caller: &Caller,
) -> Result<Option<OneTimeToken>, StoreError> {
    let Some(to) = Recipient::of_record(owner) else {
        return Ok(None);
    };
    let purpose = TokenPurpose::EmailVerification;
    mail_token(engine, tx, to, owner.id, purpose, &caller.origin)
        .await
        .map(Some)
}

/// Mails a link to an address that an account is to have: it has it when the link is
/// followed.
pub(crate) async fn mail_email_change(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    owner: &UserRecord,
    new: &EmailAddress,
    caller: &Caller,
) -> Result<(), StoreError> {
    let to = Recipient {
        user: Some(owner.id),
        email: new,
        name: None,
    };
    let purpose = TokenPurpose::EmailChange;
    mail_token(engine, tx, to, owner.id, purpose, &caller.origin).await?;
    let record = audit_record(engine, Action::EmailChangeRequested, caller);
    audit::insert(tx, &record.on(owner.id)).await
}

/// Writes down that an account is to have an address that is another's, as if it could: what
/// is kept about it, and exported, must not tell. The token is told to nobody.
pub(crate) async fn feign_email_change(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    owner: &UserRecord,
    taken: &EmailAddress,
    caller: &Caller,
) -> Result<(), StoreError> {
    renew_token(engine, tx, owner.id, TokenPurpose::EmailChange, taken).await?;
    let record = audit_record(engine, Action::EmailChangeRequested, caller);
    audit::insert(tx, &record.on(owner.id)).await
}

/// Tells the former address of an account that it is no longer the account's, and makes
/// all links worthless that were mailed to it.
pub(crate) async fn leave_address(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    before: &UserRecord,
    new: Option<&EmailAddress>,
    caller: &Caller,
) -> Result<(), StoreError> {
    tokens::revoke_all(tx, before.id).await?;
    let mut facts = MailFacts::of_event(&caller.origin, engine.now());
    if let Some(new) = new {
        facts = facts.new_address(new);
    }
    let (to, notice) = (Recipient::of_record(before), MailKind::EmailChanged);
    tell(engine, tx, to, notice, facts, &caller.origin).await
}

/// Verifies an address by a mailed token: the account's, or one that it gets thereby. The
/// token is good once.
pub(crate) async fn confirm_email_verification(
    engine: &Arc<Engine>,
    token: &str,
    caller: &Caller,
) -> Result<(), ConfirmVerificationError> {
    check_network_limit(engine, LimitClass::Verification, caller).await?;
    let (purpose, hash) =
        TokenHash::of_presented(token).ok_or(ConfirmVerificationError::InvalidToken)?;
    let (owned, caller) = (Arc::clone(engine), caller.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                match purpose {
                    TokenPurpose::EmailVerification => {
                        verify_address(&owned, tx, hash, &caller).await
                    }
                    TokenPurpose::EmailChange => change_address(&owned, tx, hash, &caller).await,
                    TokenPurpose::PasswordReset => Err(ConfirmVerificationError::InvalidToken),
                }
            })
        })
        .await
}

async fn verify_address(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    token: TokenHash,
    caller: &Caller,
) -> Result<(), ConfirmVerificationError> {
    let purpose = TokenPurpose::EmailVerification;
    let (mut owner, email) = redeem(engine, tx, token, purpose).await?;
    let is_own = |own: &EmailAddress| own.canonical() == email.canonical();
    if !owner.email.as_ref().is_some_and(is_own) {
        return Err(ConfirmVerificationError::InvalidToken);
    }
    owner.verified_at = owner.verified_at.or(Some(engine.now()));
    users::update(tx, &owner).await?;
    tx.changed(Change::User(owner.id));
    let record = audit_record(engine, Action::EmailVerified, caller).on(owner.id);
    Ok(audit::insert(tx, &record).await?)
}

async fn change_address(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    token: TokenHash,
    caller: &Caller,
) -> Result<(), ConfirmVerificationError> {
    let purpose = TokenPurpose::EmailChange;
    let (before, email) = redeem(engine, tx, token, purpose).await?;
    let mut owner = before.clone();
    owner.email = Some(email.clone());
    owner.verified_at = Some(engine.now());
    owner.updated_at = engine.now();
    users::update(tx, &owner)
        .await
        .map_err(|error| match taken_name(&error) {
            Some(_) => ConfirmVerificationError::EmailTaken,
            None => error.into(),
        })?;
    leave_address(engine, tx, &before, Some(&email), caller).await?;
    tx.changed(Change::User(owner.id));
    let record = audit_record(engine, Action::EmailChanged, caller).on(owner.id);
    Ok(audit::insert(tx, &record).await?)
}

/// Uses a token up and holds the account that it belongs to, which must be active.
async fn redeem(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    token: TokenHash,
    purpose: TokenPurpose,
) -> Result<(UserRecord, EmailAddress), ConfirmVerificationError> {
    let invalid = || ConfirmVerificationError::InvalidToken;
    let now = engine.now();
    let found = tokens::find(tx, token, purpose, now)
        .await?
        .ok_or_else(invalid)?;
    // The account's row first, as everybody takes it.
    users::lock(tx, found.user).await?;
    let token = tokens::consume(tx, token, purpose, now)
        .await?
        .ok_or_else(invalid)?;
    let owner = users::find(tx, token.user).await?;
    let owner = owner.filter(|owner| owner.deactivated_at.is_none());
    Ok((owner.ok_or_else(invalid)?, token.email))
}
