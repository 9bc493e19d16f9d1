//! Recovery: a new password by way of the account's e-mail address.

use super::EmailAddress;
use crate::audit::Action;
use crate::authn::fails_by_new_password;
use crate::authn::password::{Password, PasswordHash, PasswordRejected};
use crate::authz::Caller;
use crate::deferred::{self, DeferredRequest};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::{MailId, UserId};
use crate::limits::{LimitClass, Throttled};
use crate::mail::{MailFacts, MailKind};
use crate::one_time_token::{OneTimeToken, TokenHash, TokenPurpose};
use crate::session::end_sessions;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, deferred as deferred_store, login_failures, passwords, tokens, users};

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

impl Doorward {
    /// Asks for a link to set a new password, to be mailed to this address if an active
    /// account has it. The answer and its time are the same whether one does.
    ///
    /// Answers with the token itself where the builder was told to reveal tokens.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// auth.request_password_reset(&"anna@example.com".parse()?, &caller).await?;
    /// auth.request_password_reset(&"nobody@example.com".parse()?, &caller).await?;
    ///
    /// let mails = auth.mails().await;
    /// assert_eq!(mails.len(), 1);
    /// assert_eq!(mails[0].to, "anna@example.com");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RequestResetError::Throttled`] where this network, or anybody for this address, asks
    /// too often; [`RequestResetError::Internal`] where the database does not answer.
    pub async fn request_password_reset(
        &self,
        email: &EmailAddress,
        caller: &Caller,
    ) -> Result<Option<OneTimeToken>, RequestResetError> {
        let class = LimitClass::PasswordReset;
        self.check_network_limit(class, caller).await?;
        self.check_account_limit(class, caller, &self.address_key(email))
            .await?;
        if !self.sends_mail() && !self.config().reveal_tokens {
            self.warn_of_missing_mail();
        }
        if self.config().reveal_tokens {
            // A developer wants the token, and has nobody to hide anything from.
            return Ok(self.mail_password_reset(None, email, caller).await?);
        }
        let request = DeferredRequest::ResetPassword {
            email: email.to_string(),
        };
        let (engine, origin) = (self.clone(), caller.origin.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move { deferred::put_off(&engine, tx, &request, &origin).await })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(None)
    }

    /// Mails the link, if there is an active account of this address; the request is the one
    /// that was put off, if it was.
    pub(crate) async fn mail_password_reset(
        &self,
        request: Option<MailId>,
        email: &EmailAddress,
        caller: &Caller,
    ) -> Result<Option<OneTimeToken>, Failure> {
        let Some(user) = self.find_user_to_mail(email).await? else {
            if let Some(request) = request {
                self.drop_request(request).await?;
            }
            return Ok(None);
        };
        let may_mail = self.check_mail_limit(user, caller).await;
        let (engine, caller) = (self.clone(), caller.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(request) = request
                        && !deferred_store::consume(tx, request).await?
                    {
                        return Ok(None);
                    }
                    if !may_mail {
                        return Ok(None);
                    }
                    engine.issue_reset_token(tx, user, &caller).await
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }

    pub(crate) async fn find_user_to_mail(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<UserId>, Failure> {
        let email = email.clone();
        let found = self
            .database()
            .read(move |tx| Box::pin(async move { users::find_login_by_email(tx, &email).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(found.map(|account| account.id))
    }

    /// Whether the account may get one more mail that others can cause.
    pub(crate) async fn check_mail_limit(&self, user: UserId, caller: &Caller) -> bool {
        let account = user.to_string();
        self.check_account_limit(LimitClass::Mail, caller, &account)
            .await
            .inspect_err(|_| tracing::info!(user_id = %user, "no more mail for a while"))
            .is_ok()
    }

    /// Whether an address that no account has may get one more mail that others can cause.
    pub(crate) async fn check_stranger_mail_limit(
        &self,
        email: &EmailAddress,
        caller: &Caller,
    ) -> bool {
        let address = self.address_key(email);
        self.check_account_limit(LimitClass::Mail, caller, &address)
            .await
            .is_ok()
    }

    /// What an address is counted as.
    pub(super) fn address_key(&self, email: &EmailAddress) -> String {
        self.keys()
            .fingerprints
            .of("address", &[email.canonical().as_bytes()])
            .to_hex()
    }

    async fn issue_reset_token(
        &self,
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
        let Some(to) = owner.recipient() else {
            return Ok(None);
        };
        let purpose = TokenPurpose::PasswordReset;
        let token = self
            .mail_token(tx, to, user, purpose, &caller.origin)
            .await?;
        let record = self.record(Action::PasswordResetRequested, caller).on(user);
        audit::insert(tx, &record).await?;
        Ok(Some(token))
    }

    /// Sets a new password by a mailed token: all sessions end, and logins are let in again.
    ///
    /// The token is good once. Whoever has it reads the mail of the address that it was sent
    /// to, so that the address counts as verified from now on; not where the builder was told
    /// to reveal tokens.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// # auth.request_password_reset(&"anna@example.com".parse()?, &caller).await?;
    /// use doorward::{ConfirmResetError, testing::token_in};
    ///
    /// let token = token_in(&auth.mails().await[0]);
    /// auth.confirm_password_reset(&token, "a new and better one".into(), &caller).await?;
    /// auth.log_in("anna@example.com", "a new and better one").await;
    ///
    /// let again = auth.confirm_password_reset(&token, "yet another one".into(), &caller).await;
    /// assert!(matches!(again, Err(ConfirmResetError::InvalidToken)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`ConfirmResetError`] as they say.
    pub async fn confirm_password_reset(
        &self,
        token: &str,
        new: Password,
        caller: &Caller,
    ) -> Result<(), ConfirmResetError> {
        self.check_network_limit(LimitClass::PasswordReset, caller)
            .await?;
        let hash = reset_token(token).ok_or(ConfirmResetError::InvalidToken)?;
        // Before anything is hashed for whoever made a token up.
        let user = self.find_token_owner(hash).await?;
        self.check_new_password_of(user, &new, caller).await?;
        let new = self.hasher().hash(new).await?;
        let (engine, caller) = (self.clone(), caller.clone());
        self.database()
            .write(move |tx| {
                Box::pin(
                    async move { engine.reset_password(tx, (user, hash), &new, &caller).await },
                )
            })
            .await
    }

    async fn find_token_owner(&self, hash: TokenHash) -> Result<UserId, ConfirmResetError> {
        let now = self.now();
        let found = self
            .database()
            .read(move |tx| {
                Box::pin(
                    async move { tokens::find(tx, hash, TokenPurpose::PasswordReset, now).await },
                )
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        found
            .map(|token| token.user)
            .ok_or(ConfirmResetError::InvalidToken)
    }

    async fn reset_password(
        &self,
        tx: &mut Tx<'_>,
        (user, token): (UserId, TokenHash),
        new: &PasswordHash,
        caller: &Caller,
    ) -> Result<(), ConfirmResetError> {
        let now = self.now();
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
        if !self.config().reveal_tokens {
            owner.verified_at = owner.verified_at.or(Some(now));
        }
        users::update(tx, &owner).await?;
        tx.changed(Change::User(user));
        audit::insert(tx, &self.record(Action::PasswordReset, caller).on(user)).await?;
        let facts = MailFacts::of_event(&caller.origin, now);
        let (to, notice) = (owner.recipient(), MailKind::PasswordChanged);
        Ok(self.tell(tx, to, notice, facts, &caller.origin).await?)
    }
}

fn reset_token(text: &str) -> Option<TokenHash> {
    TokenHash::of_presented(text)
        .filter(|(purpose, _)| *purpose == TokenPurpose::PasswordReset)
        .map(|(_, hash)| hash)
}
