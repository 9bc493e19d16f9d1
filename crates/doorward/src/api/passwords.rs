//! Passwords: chosen, changed, and set anew by a mailed link.

use crate::domain::account::EmailAddress;
use crate::domain::caller::{Authenticated, Caller};
use crate::domain::failure::Failure;
use crate::domain::one_time_token::OneTimeToken;
use crate::domain::password::{Password, PasswordContext, PasswordHash};
use crate::engine::Doorward;
use crate::ops::account::{ConfirmResetError, RequestResetError, recovery};
use crate::ops::authn::{
    AssessPasswordError, ChangePasswordError, PasswordAssessment, change_password, new_password,
};

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
        recovery::request_password_reset(&self.0, email, caller).await
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
        recovery::confirm_password_reset(&self.0, token, new, caller).await
    }

    /// Changes the password of whoever asks, and ends all their other sessions.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let elsewhere = auth.login_as("user").await.tokens.access_token;
    /// # let anna = auth.login_as("user").await;
    /// # let (who, caller) = (&anna.who, &anna.caller());
    /// # let current = doorward::testing::PASSWORD;
    /// auth.change_password(who, caller, current.into(), "a new and better one".into()).await?;
    /// // The session that asked stays, others of the account end.
    /// assert_eq!(auth.list_sessions(who).await?.len(), 1);
    /// assert!(auth.authenticate(&elsewhere).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ChangePasswordError::CurrentIncorrect`], [`ChangePasswordError::Locked`],
    /// [`ChangePasswordError::Rejected`] and [`ChangePasswordError::Revoked`] as they say; [`ChangePasswordError::Internal`] where
    /// the database does not answer, or the hashing pool is full.
    pub async fn change_password(
        &self,
        who: &Authenticated,
        caller: &Caller,
        current: Password,
        new: Password,
    ) -> Result<(), ChangePasswordError> {
        change_password::change_password(&self.0, who, caller, current, new).await
    }

    /// Tells somebody who thinks of a password whether they may choose it, and how hard it is
    /// to guess. It is not kept, and no account is asked for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = doorward::testing::anonymous();
    /// use doorward::{PasswordContext, PasswordFault};
    ///
    /// let anna = PasswordContext::new().username("anna");
    /// let assessment = auth.assess_password(&"Anna-1985".into(), &anna, &caller).await?;
    /// assert_eq!(assessment.faults, [PasswordFault::OwnName]);
    /// let assessment = auth.assess_password(&"correct horse".into(), &anna, &caller).await?;
    /// assert_eq!(assessment.faults, []);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`AssessPasswordError`] as they say.
    pub async fn assess_password(
        &self,
        password: &Password,
        context: &PasswordContext,
        caller: &Caller,
    ) -> Result<PasswordAssessment, AssessPasswordError> {
        new_password::assess_password(&self.0, password, context, caller).await
    }

    /// Hashes a password as the engine would store it, whatever it is like: for what an app
    /// does with hashes of its own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// let hash = auth.hash_password("correct horse".into()).await?;
    /// assert!(hash.as_str().starts_with("$argon2id$"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where too many passwords wait to be hashed.
    pub async fn hash_password(&self, password: Password) -> Result<PasswordHash, Failure> {
        new_password::hash_password(&self.0, password).await
    }
}
