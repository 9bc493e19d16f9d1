//! Verification: showing that mail to an address is read, the account's or one that it is
//! to have.

use super::identity::IdentityRejected;
use super::{EmailAddress, UserRecord};
use crate::audit::Action;
use crate::authn::Authenticated;
use crate::authz::{Caller, Standing, fails_without_standing};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::limits::{LimitClass, Throttled};
use crate::mail::{MailFacts, MailKind, Recipient};
use crate::one_time_token::{OneTimeToken, TokenHash, TokenPurpose};
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

impl Doorward {
    /// Mails a link to verify the address of whoever asks; earlier links are worth nothing
    /// any more.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # auth.register(&caller, anna.email("anna@example.com".parse()?)).await?;
    /// # let anna = auth.log_in("anna@example.com", doorward::testing::PASSWORD).await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// use doorward::VerificationRequest;
    ///
    /// match auth.request_email_verification(who, caller).await? {
    ///     VerificationRequest::Sent(_) => println!("Look into your mail"),
    ///     VerificationRequest::AlreadyVerified => println!("There is nothing to do"),
    /// }
    /// # // That of the registration, and this one.
    /// # assert_eq!(auth.mails().await.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`RequestVerificationError`] as they say.
    pub async fn request_email_verification(
        &self,
        who: &Authenticated,
        caller: &Caller,
    ) -> Result<VerificationRequest, RequestVerificationError> {
        let class = LimitClass::Verification;
        self.check_network_limit(class, caller).await?;
        self.check_account_limit(class, caller, &who.user.id.to_string())
            .await?;
        if who.user.is_verified() {
            return Ok(VerificationRequest::AlreadyVerified);
        }
        if who.user.email.is_none() {
            return Err(RequestVerificationError::NoAddress);
        }
        if !self.sends_mail() && !self.config().reveal_tokens {
            return Err(RequestVerificationError::NoMail);
        }
        self.check_verification_mail_limit(who.user.id, caller)
            .await?;
        let (engine, caller, user) = (self.clone(), caller.clone(), who.user.id);
        self.database()
            .write(move |tx| {
                Box::pin(async move { engine.issue_verification(tx, user, &caller).await })
            })
            .await
    }

    /// Nobody has shown yet that they want mail at the address.
    async fn check_verification_mail_limit(
        &self,
        user: UserId,
        caller: &Caller,
    ) -> Result<(), Throttled> {
        self.check_account_limit(LimitClass::Mail, caller, &format!("verification:{user}"))
            .await
    }

    /// The same of an address that an account is to have: it counts however many accounts ask
    /// for it, and whether one has it or not.
    pub(crate) async fn check_change_mail_limits(
        &self,
        user: UserId,
        new: &EmailAddress,
        caller: &Caller,
    ) -> Result<(), Throttled> {
        let address = self.address_key(new);
        for key in [format!("change:{user}"), format!("change:{address}")] {
            self.check_account_limit(LimitClass::Mail, caller, &key)
                .await?;
        }
        Ok(())
    }

    async fn issue_verification(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        caller: &Caller,
    ) -> Result<VerificationRequest, RequestVerificationError> {
        users::lock(tx, user).await?;
        Standing::of(tx, caller, self.now()).await?;
        let owner = users::find(tx, user)
            .await?
            .ok_or(RequestVerificationError::Revoked)?;
        if owner.verified_at.is_some() {
            return Ok(VerificationRequest::AlreadyVerified);
        }
        let token = self
            .mail_verification(tx, &owner, caller)
            .await?
            .ok_or(RequestVerificationError::NoAddress)?;
        let record = self.record(Action::VerificationRequested, caller).on(user);
        audit::insert(tx, &record).await?;
        let shown = self.config().reveal_tokens.then_some(token);
        Ok(VerificationRequest::Sent(shown))
    }

    /// Mails an account the link to verify its address, in the transaction that made one
    /// necessary; `None` where it has no address.
    pub(crate) async fn mail_verification(
        &self,
        tx: &mut Tx<'_>,
        owner: &UserRecord,
        caller: &Caller,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let Some(to) = owner.recipient() else {
            return Ok(None);
        };
        let purpose = TokenPurpose::EmailVerification;
        self.mail_token(tx, to, owner.id, purpose, &caller.origin)
            .await
            .map(Some)
    }

    /// Mails a link to an address that an account is to have: it has it when the link is
    /// followed.
    pub(crate) async fn mail_email_change(
        &self,
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
        self.mail_token(tx, to, owner.id, purpose, &caller.origin)
            .await?;
        let record = self.record(Action::EmailChangeRequested, caller);
        audit::insert(tx, &record.on(owner.id)).await
    }

    /// Writes down that an account is to have an address that is another's, as if it could: what
    /// is kept about it, and exported, must not tell. The token is told to nobody.
    pub(crate) async fn feign_email_change(
        &self,
        tx: &mut Tx<'_>,
        owner: &UserRecord,
        taken: &EmailAddress,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        self.renew_token(tx, owner.id, TokenPurpose::EmailChange, taken)
            .await?;
        let record = self.record(Action::EmailChangeRequested, caller);
        audit::insert(tx, &record.on(owner.id)).await
    }

    /// Tells the former address of an account that it is no longer the account's, and makes
    /// all links worthless that were mailed to it.
    pub(crate) async fn leave_address(
        &self,
        tx: &mut Tx<'_>,
        before: &UserRecord,
        new: Option<&EmailAddress>,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        tokens::revoke_all(tx, before.id).await?;
        let mut facts = MailFacts::of_event(&caller.origin, self.now());
        if let Some(new) = new {
            facts = facts.new_address(new);
        }
        let (to, notice) = (before.recipient(), MailKind::EmailChanged);
        self.tell(tx, to, notice, facts, &caller.origin).await
    }

    /// Verifies an address by a mailed token: the account's, or one that it gets thereby. The
    /// token is good once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # auth.register(&caller, anna.email("anna@example.com".parse()?)).await?;
    /// use doorward::testing::{PASSWORD, token_in};
    ///
    /// // The mail of the registration has a token in its link.
    /// let token = token_in(&auth.mails().await[0]);
    /// auth.confirm_email_verification(&token, &caller).await?;
    /// assert!(auth.log_in("anna@example.com", PASSWORD).await.user.is_verified());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`ConfirmVerificationError`] as they say.
    pub async fn confirm_email_verification(
        &self,
        token: &str,
        caller: &Caller,
    ) -> Result<(), ConfirmVerificationError> {
        self.check_network_limit(LimitClass::Verification, caller)
            .await?;
        let (purpose, hash) =
            TokenHash::of_presented(token).ok_or(ConfirmVerificationError::InvalidToken)?;
        let (engine, caller) = (self.clone(), caller.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    match purpose {
                        TokenPurpose::EmailVerification => {
                            engine.verify_address(tx, hash, &caller).await
                        }
                        TokenPurpose::EmailChange => engine.change_address(tx, hash, &caller).await,
                        TokenPurpose::PasswordReset => Err(ConfirmVerificationError::InvalidToken),
                    }
                })
            })
            .await
    }

    async fn verify_address(
        &self,
        tx: &mut Tx<'_>,
        token: TokenHash,
        caller: &Caller,
    ) -> Result<(), ConfirmVerificationError> {
        let purpose = TokenPurpose::EmailVerification;
        let (mut owner, email) = self.redeem(tx, token, purpose).await?;
        let is_own = |own: &EmailAddress| own.canonical() == email.canonical();
        if !owner.email.as_ref().is_some_and(is_own) {
            return Err(ConfirmVerificationError::InvalidToken);
        }
        owner.verified_at = owner.verified_at.or(Some(self.now()));
        users::update(tx, &owner).await?;
        tx.changed(Change::User(owner.id));
        let record = self.record(Action::EmailVerified, caller).on(owner.id);
        Ok(audit::insert(tx, &record).await?)
    }

    async fn change_address(
        &self,
        tx: &mut Tx<'_>,
        token: TokenHash,
        caller: &Caller,
    ) -> Result<(), ConfirmVerificationError> {
        let purpose = TokenPurpose::EmailChange;
        let (before, email) = self.redeem(tx, token, purpose).await?;
        let mut owner = before.clone();
        owner.email = Some(email.clone());
        owner.verified_at = Some(self.now());
        owner.updated_at = self.now();
        users::update(tx, &owner).await.map_err(|error| {
            match IdentityRejected::from_store(&error) {
                Some(_) => ConfirmVerificationError::EmailTaken,
                None => error.into(),
            }
        })?;
        self.leave_address(tx, &before, Some(&email), caller)
            .await?;
        tx.changed(Change::User(owner.id));
        let record = self.record(Action::EmailChanged, caller).on(owner.id);
        Ok(audit::insert(tx, &record).await?)
    }

    /// Uses a token up and holds the account that it belongs to, which must be active.
    async fn redeem(
        &self,
        tx: &mut Tx<'_>,
        token: TokenHash,
        purpose: TokenPurpose,
    ) -> Result<(UserRecord, EmailAddress), ConfirmVerificationError> {
        let invalid = || ConfirmVerificationError::InvalidToken;
        let now = self.now();
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
}
