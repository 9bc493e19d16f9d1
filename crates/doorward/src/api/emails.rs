//! E-mail addresses, verified by their owners.

use crate::domain::caller::{Authenticated, Caller};
use crate::engine::Doorward;
use crate::ops::account::{
    ConfirmVerificationError, RequestVerificationError, VerificationRequest, verification,
};

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
        verification::request_email_verification(&self.0, who, caller).await
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
        verification::confirm_email_verification(&self.0, token, caller).await
    }
}
