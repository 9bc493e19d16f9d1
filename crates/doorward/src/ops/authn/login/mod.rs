//! Login, from a name and a password to a session.

mod claim;
mod identifier;
mod open;
mod refuse;

use std::sync::Arc;
use std::time::Duration;

use super::attempt::{fails_by_turn, wait_for_turn};
use crate::captcha::CaptchaRefused;
use crate::domain::account::UserSnapshot;
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::limits::{LimitClass, Throttled};
use crate::domain::origin::Origin;
use crate::domain::password::{Password, PasswordHash};
use crate::engine::Engine;
use crate::engine::captcha::{check_captcha, note_failure};
use crate::engine::hooks::tell_of_login;
use crate::engine::limits::{check_account_limit, check_network_limit};
use crate::instrumentation::{self, LoginLabel};
use crate::lockout::Turn;
use crate::ops::cached::find_cached_user;
use crate::ops::failing::fails_internally;
use crate::ops::session::TokenPair;
use crate::password::Verdict;
use crate::store::users::LoginRecord;
use claim::{Claim, find_claim};
use open::{Opened, open_session};
use refuse::{note_inactive, note_wrong_password};

pub use identifier::{LoginIdentifier, UnknownName};
pub(crate) use refuse::{LOCK_NOTICE, run_lock_notice};

/// An attempt to log in.
///
/// ```
/// use doorward::{Caller, LoginAttempt, Origin};
///
/// let origin = Origin::default().with_ip([192, 0, 2, 7].into());
/// let attempt = LoginAttempt::new("anna@example.com", "correct horse battery staple")
///     .by(Caller::anonymous(origin));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct LoginAttempt {
    /// Who it claims to be.
    pub identifier: LoginIdentifier,
    /// The password that is to prove it.
    pub password: Password,
    /// Who asks, and from where.
    pub caller: Caller,
    /// What the client was given for a captcha that it solved, where it did.
    pub captcha_token: Option<String>,
}

impl LoginAttempt {
    /// An attempt with a username or an e-mail address and a password, by nobody knows whom.
    ///
    /// Limits and the lock count by network too: say [`by`](Self::by) whom wherever it is known.
    pub fn new(name: impl AsRef<str>, password: impl Into<Password>) -> Self {
        Self {
            identifier: LoginIdentifier::parse(name.as_ref()),
            password: password.into(),
            caller: Caller::anonymous(Origin::default()),
            captcha_token: None,
        }
    }

    /// The same by this caller.
    #[must_use]
    pub fn by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    /// The same with what the client was given for a captcha.
    #[must_use]
    pub fn captcha_token(mut self, token: impl Into<Option<String>>) -> Self {
        self.captcha_token = token.into();
        self
    }
}

/// What a login came to, where it was not refused.
///
/// Every door has to say what it does with each of them.
#[derive(Debug)]
pub enum LoginOutcome {
    /// A session was opened.
    LoggedIn(TokenPair),
}

/// Why a login was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such account, or its password is another one.
    #[error("incorrect username or password")]
    InvalidCredentials,
    /// The password is right, and the account is deactivated.
    #[error("the account is deactivated")]
    Inactive,
    /// Too many logins failed, so that not even the right password is looked at.
    #[error("logins are locked")]
    Locked {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// Too many logins were tried.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The account or the network has failed often, and no captcha was solved.
    #[error(transparent)]
    Captcha(#[from] CaptchaRefused),
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the login could not be carried out")]
    Internal(#[source] Failure),
}

fails_internally!(LoginError);
fails_by_turn!(LoginError);

/// Logs somebody in.
pub(crate) async fn login(
    engine: &Arc<Engine>,
    attempt: LoginAttempt,
) -> Result<LoginOutcome, LoginError> {
    let result = try_login(engine, &attempt).await;
    instrumentation::count_login(label(&result));
    let Opened {
        user,
        session,
        tokens,
    } = result?;
    // Whoever waits for a turn does not wait for what the application does here.
    tell_of_login(engine, &user, session, &attempt.caller).await;
    Ok(LoginOutcome::LoggedIn(tokens))
}

fn label(result: &Result<Opened, LoginError>) -> LoginLabel {
    match result {
        Ok(_) => LoginLabel::Ok,
        Err(LoginError::InvalidCredentials) => LoginLabel::Wrong,
        Err(LoginError::Inactive) => LoginLabel::Inactive,
        Err(LoginError::Locked { .. }) => LoginLabel::Locked,
        Err(LoginError::Throttled(_)) => LoginLabel::Throttled,
        Err(LoginError::Captcha(_)) => LoginLabel::Captcha,
        Err(LoginError::Internal(_)) => LoginLabel::Failed,
    }
}

async fn try_login(engine: &Arc<Engine>, attempt: &LoginAttempt) -> Result<Opened, LoginError> {
    check_network_limit(engine, LimitClass::Login, &attempt.caller).await?;
    // Refuses before anything is paid for, where the hashing pool has no room anyway.
    engine.hasher().check_room()?;
    let claim = find_claim(engine, attempt).await?;
    check_account_limit(
        engine,
        LimitClass::Login,
        &attempt.caller,
        &claim.subject.to_hex(),
    )
    .await?;
    // Held until what the attempt came to is written down.
    let turn = wait_for_turn(engine, claim.subject).await?;
    let token = attempt.captcha_token.as_deref();
    check_captcha(engine, turn.failures(), &attempt.caller, token).await?;
    match open_by_password(engine, attempt, claim, &turn).await? {
        Some(opened) => Ok(opened),
        // What was compared was replaced meanwhile, by a login at the same time that
        // upgraded the hash or by a change of the password: what is stored now decides.
        None => {
            let claim = find_claim(engine, attempt).await?;
            open_by_password(engine, attempt, claim, &turn)
                .await?
                .ok_or(LoginError::InvalidCredentials)
        }
    }
}

/// Opens a session for who shows the right password; `None` where the account was
/// changed in the meantime.
async fn open_by_password(
    engine: &Arc<Engine>,
    attempt: &LoginAttempt,
    claim: Claim,
    turn: &Turn,
) -> Result<Option<Opened>, LoginError> {
    let target = claim.user();
    let verdict = verify_password(engine, claim.account.as_ref(), attempt.password.clone()).await?;
    let Some(login) = proven(claim.account, verdict) else {
        note_failure(engine, &attempt.caller).await;
        note_wrong_password(engine, turn, target, &attempt.caller).await?;
        return Err(LoginError::InvalidCredentials);
    };
    let user = check_active(engine, &login, &attempt.caller).await?;
    let upgrade = upgraded_hash(engine, &login, attempt.password.clone()).await;
    open_session(engine, login, upgrade, user, (&attempt.caller, turn)).await
}

/// Compares the password with the account's, or with nobody's at the same cost.
async fn verify_password(
    engine: &Arc<Engine>,
    account: Option<&LoginRecord>,
    password: Password,
) -> Result<Verdict, LoginError> {
    let stored = account.and_then(|account| account.hash.clone());
    let verdict = engine.hasher().verify(password, stored).await?;
    if let (Verdict::Unusable(reason), Some(account)) = (verdict, account) {
        tracing::warn!(user_id = %account.id, %reason, "a password can't be verified");
    }
    Ok(verdict)
}

/// The same password in the present hash, where the stored one is outdated.
///
/// A pool that is too busy for it does not keep anybody out: the next login will do.
async fn upgraded_hash(
    engine: &Arc<Engine>,
    login: &ProvenLogin,
    password: Password,
) -> Option<PasswordHash> {
    if !login.outdated {
        return None;
    }
    engine.hasher().hash(password).await.ok()
}

async fn check_active(
    engine: &Arc<Engine>,
    login: &ProvenLogin,
    caller: &Caller,
) -> Result<Arc<UserSnapshot>, LoginError> {
    let Some(user) = find_cached_user(engine, login.user).await? else {
        return Err(LoginError::InvalidCredentials);
    };
    if !user.is_active() {
        note_inactive(engine, user.id, caller).await?;
        return Err(LoginError::Inactive);
    }
    Ok(user)
}

/// An account whose password was shown.
#[derive(Debug)]
struct ProvenLogin {
    user: UserId,
    hash: PasswordHash,
    outdated: bool,
}

fn proven(account: Option<LoginRecord>, verdict: Verdict) -> Option<ProvenLogin> {
    let (
        LoginRecord {
            id,
            hash: Some(hash),
            ..
        },
        Verdict::Match { needs_upgrade },
    ) = (account?, verdict)
    else {
        return None;
    };
    Some(ProvenLogin {
        user: id,
        hash,
        outdated: needs_upgrade,
    })
}
