//! Login, from a name and a password to a session.

use std::sync::Arc;

use crate::account::{EmailAddress, UserSnapshot, Username};
use crate::audit::Action;
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::session::{SessionTokens, TokenPair};
use crate::store::db::{Change, StoreError};
use crate::store::users::{self, LoginRecord};
use crate::store::{audit, passwords, sessions};

use super::password::{Password, PasswordHash, Verdict};

/// What somebody typed to say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginIdentifier {
    /// An e-mail address.
    Email(EmailAddress),
    /// A username.
    Username(Username),
    /// Neither: no account can have it, and the attempt costs what any other does.
    Unknown,
}

impl LoginIdentifier {
    /// Reads what was typed; usernames have no `@`, so that it is never ambiguous.
    pub fn parse(text: &str) -> Self {
        if let Ok(email) = text.parse() {
            return Self::Email(email);
        }
        text.trim().parse().map_or(Self::Unknown, Self::Username)
    }
}

/// An attempt to log in.
#[derive(Debug)]
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
    /// The database did not answer, or too many passwords wait to be hashed.
    #[error("the login could not be carried out")]
    Internal(#[source] Failure),
}

fails_internally!(LoginError);

impl Doorward {
    /// Logs somebody in.
    ///
    /// An unknown name costs what a wrong password costs, and gets the same answer. A
    /// password in an outdated hash is hashed anew.
    ///
    /// # Errors
    /// [`LoginError::InvalidCredentials`] where the account or the password is wrong;
    /// [`LoginError::Inactive`] where both are right and the account is deactivated;
    /// [`LoginError::Internal`] where the database does not answer, or the hashing pool is full.
    pub async fn login(&self, attempt: LoginAttempt) -> Result<LoginOutcome, LoginError> {
        self.check_throttle()?;
        let tokens = match self.open_by_password(&attempt).await? {
            Some(tokens) => tokens,
            // What was compared was replaced meanwhile, by a login at the same time that
            // upgraded the hash or by a change of the password: what is stored now decides.
            None => self
                .open_by_password(&attempt)
                .await?
                .ok_or(LoginError::InvalidCredentials)?,
        };
        Ok(LoginOutcome::LoggedIn(tokens))
    }

    /// Opens a session for who shows the right password; `None` where the account was
    /// changed in the meantime.
    async fn open_by_password(
        &self,
        attempt: &LoginAttempt,
    ) -> Result<Option<TokenPair>, LoginError> {
        let account = self.find_login(attempt.identifier.clone()).await?;
        let target = account.as_ref().map(|account| account.id);
        let verdict = self
            .verify_password(account.as_ref(), attempt.password.clone())
            .await?;
        let Some(login) = proven(account, verdict) else {
            self.note_refusal(&attempt.caller, target, "invalid_credentials")
                .await?;
            return Err(LoginError::InvalidCredentials);
        };
        let user = self.check_active(&login, &attempt.caller).await?;
        let upgrade = self.upgraded_hash(&login, attempt.password.clone()).await;
        self.open_session(login, upgrade, user, &attempt.caller)
            .await
    }

    /// Refuses before anything is paid for, where the hashing pool has no room anyway.
    fn check_throttle(&self) -> Result<(), LoginError> {
        self.hasher().check_room()?;
        Ok(())
    }

    async fn find_login(
        &self,
        identifier: LoginIdentifier,
    ) -> Result<Option<LoginRecord>, LoginError> {
        self.database()
            .read(move |tx| {
                Box::pin(async move {
                    match &identifier {
                        LoginIdentifier::Email(email) => {
                            users::find_login_by_email(tx, email).await
                        }
                        LoginIdentifier::Username(name) => {
                            users::find_login_by_username(tx, name).await
                        }
                        LoginIdentifier::Unknown => Ok(None),
                    }
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
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
            self.note_refusal(caller, Some(user.id), "inactive").await?;
            return Err(LoginError::Inactive);
        }
        Ok(user)
    }

    /// What was typed is not written down: it may be a password in the wrong field.
    async fn note_refusal(
        &self,
        caller: &Caller,
        target: Option<UserId>,
        reason: &'static str,
    ) -> Result<(), LoginError> {
        let record = self.record(Action::Login, caller).refused(reason);
        let record = match target {
            Some(target) => record.on(target),
            None => record,
        };
        Ok(self.note(record).await?)
    }

    /// Opens a session for a proven login, all in one transaction; `None` where the proof
    /// no longer holds.
    async fn open_session(
        &self,
        login: ProvenLogin,
        upgrade: Option<PasswordHash>,
        user: Arc<UserSnapshot>,
        caller: &Caller,
    ) -> Result<Option<TokenPair>, LoginError> {
        let session = self.new_session(user.id, caller);
        let tokens = SessionTokens::of(&session);
        let record = self
            .record(Action::Login, caller)
            .on(user.id)
            .in_session(session.id);
        let opened = self
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    // Holds the account's row: a password change or a deactivation that is
                    // under way is over before the next line, or waits.
                    if !users::record_login(tx, login.user, session.created_at).await?
                        || passwords::find(tx, login.user).await?.as_ref() != Some(&login.hash)
                    {
                        return Err(NotOpened::ProofOutdated);
                    }
                    if let Some(new) = &upgrade {
                        passwords::upgrade(tx, login.user, &login.hash, new).await?;
                    }
                    sessions::insert(tx, &session).await?;
                    audit::insert(tx, &record).await?;
                    tx.changed(Change::User(login.user));
                    Ok(())
                })
            })
            .await;
        match opened {
            Ok(()) => Ok(Some(self.issue_tokens(&user, &tokens)?)),
            Err(NotOpened::ProofOutdated) => Ok(None),
            Err(NotOpened::Failed(error)) => Err(error.into()),
        }
    }
}

/// Why a proven login opened no session.
enum NotOpened {
    /// The account, or its password's hash, was changed since it was looked at.
    ProofOutdated,
    Failed(StoreError),
}

impl From<StoreError> for NotOpened {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
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
