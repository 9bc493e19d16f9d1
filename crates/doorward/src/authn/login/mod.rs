//! Login, from a name and a password to a session.

mod claim;
mod identifier;
mod open;
mod refuse;

use std::sync::Arc;
use std::time::Duration;

use crate::account::UserSnapshot;
use crate::authz::{Caller, Origin};
use crate::captcha::CaptchaRefused;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::limits::{LimitClass, Throttled};
use crate::measure;
use crate::session::TokenPair;
use crate::store::users::LoginRecord;

use super::lockout::{Turn, fails_by_turn};
use super::password::{Password, PasswordHash, Verdict};
use claim::Claim;
pub use identifier::{LoginIdentifier, UnknownName};
use open::Opened;

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

impl Doorward {
    /// Logs somebody in.
    ///
    /// An unknown name costs what a wrong password costs, and gets the same answers, also
    /// where they become fewer. A password in an outdated hash is hashed anew. Where registrations
    /// reveal nothing, so does an account whose address was never verified and that was never
    /// logged in to.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// # let (caller, password) = (doorward::testing::anonymous(), doorward::testing::PASSWORD);
    /// use doorward::{LoginAttempt, LoginError, LoginOutcome};
    ///
    /// let attempt = LoginAttempt::new("anna@example.com", password).by(caller.clone());
    /// let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    /// assert_eq!(tokens.expires_in, auth.access_token_ttl());
    ///
    /// let attempt = LoginAttempt::new("anna@example.com", "a wrong one").by(caller);
    /// let refused = auth.login(attempt).await;
    /// assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::Throttled`], [`LoginError::Locked`] and [`LoginError::Captcha`] before the
    /// password is looked at;
    /// [`LoginError::InvalidCredentials`] where the account or the password is wrong;
    /// [`LoginError::Inactive`] where both are right and the account is deactivated;
    /// [`LoginError::Internal`] where the database does not answer, the hashing pool is full, or
    /// no token can be issued: the account lacks the name that tokens call it by, or
    /// [`Hooks::claims`](crate::Hooks::claims) adds too much.
    pub async fn login(&self, attempt: LoginAttempt) -> Result<LoginOutcome, LoginError> {
        let result = self.try_login(&attempt).await;
        measure::count_login(result.as_ref().err());
        let Opened {
            user,
            session,
            tokens,
        } = result?;
        // Whoever waits for a turn does not wait for what the application does here.
        self.tell_of_login(&user, session, &attempt.caller).await;
        Ok(LoginOutcome::LoggedIn(tokens))
    }

    async fn try_login(&self, attempt: &LoginAttempt) -> Result<Opened, LoginError> {
        self.check_network_limit(LimitClass::Login, &attempt.caller)
            .await?;
        // Refuses before anything is paid for, where the hashing pool has no room anyway.
        self.hasher().check_room()?;
        let claim = self.find_claim(attempt).await?;
        self.check_account_limit(LimitClass::Login, &attempt.caller, &claim.subject.to_hex())
            .await?;
        // Held until what the attempt came to is written down.
        let turn = self.wait_for_turn(claim.subject).await?;
        let token = attempt.captcha_token.as_deref();
        self.check_captcha(turn.failures(), &attempt.caller, token)
            .await?;
        match self.open_by_password(attempt, claim, &turn).await? {
            Some(opened) => Ok(opened),
            // What was compared was replaced meanwhile, by a login at the same time that
            // upgraded the hash or by a change of the password: what is stored now decides.
            None => {
                let claim = self.find_claim(attempt).await?;
                self.open_by_password(attempt, claim, &turn)
                    .await?
                    .ok_or(LoginError::InvalidCredentials)
            }
        }
    }

    /// Opens a session for who shows the right password; `None` where the account was
    /// changed in the meantime.
    async fn open_by_password(
        &self,
        attempt: &LoginAttempt,
        claim: Claim,
        turn: &Turn,
    ) -> Result<Option<Opened>, LoginError> {
        let target = claim.user();
        let verdict = self
            .verify_password(claim.account.as_ref(), attempt.password.clone())
            .await?;
        let Some(login) = proven(claim.account, verdict) else {
            self.note_failure(&attempt.caller).await;
            self.note_wrong_password(turn, target, &attempt.caller)
                .await?;
            return Err(LoginError::InvalidCredentials);
        };
        let user = self.check_active(&login, &attempt.caller).await?;
        let upgrade = self.upgraded_hash(&login, attempt.password.clone()).await;
        self.open_session(login, upgrade, user, (&attempt.caller, turn))
            .await
    }

    /// Compares the password with the account's, or with nobody's at the same cost.
    async fn verify_password(
        &self,
        account: Option<&LoginRecord>,
        password: Password,
    ) -> Result<Verdict, LoginError> {
        let stored = account.and_then(|account| account.hash.clone());
        let verdict = self.hasher().verify(password, stored).await?;
        if let (Verdict::Unusable(reason), Some(account)) = (verdict, account) {
            tracing::warn!(user_id = %account.id, %reason, "a password can't be verified");
        }
        Ok(verdict)
    }

    /// The same password in the present hash, where the stored one is outdated.
    ///
    /// A pool that is too busy for it does not keep anybody out: the next login will do.
    async fn upgraded_hash(&self, login: &ProvenLogin, password: Password) -> Option<PasswordHash> {
        if !login.outdated {
            return None;
        }
        self.hasher().hash(password).await.ok()
    }

    async fn check_active(
        &self,
        login: &ProvenLogin,
        caller: &Caller,
    ) -> Result<Arc<UserSnapshot>, LoginError> {
        let Some(user) = self.find_cached_user(login.user).await? else {
            return Err(LoginError::InvalidCredentials);
        };
        if !user.is_active() {
            self.note_inactive(user.id, caller).await?;
            return Err(LoginError::Inactive);
        }
        Ok(user)
    }
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
