//! The outbox.

use crate::domain::authz::{MailRead, MailWrite};
use crate::domain::caller::Permitted;
use crate::domain::failure::Failure;
use crate::domain::id::MailId;
use crate::engine::Doorward;
use crate::jobs;
use crate::ops::mail::{Delivery, MailInOutbox, OutboxCount, outbox};

impl Doorward {
    /// Lists the mails in the outbox, the oldest first; all, or those that were given up.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// # let caller = auth.login_as("admin").await.caller();
    /// use doorward::MailRead;
    ///
    /// let by = caller.permit::<MailRead>()?;
    /// let mails = auth.list_mail(&by, false, 100).await?;
    /// assert_eq!(mails.first().map(|mail| mail.kind.as_str()), Some("email_verification"));
    /// let dead = auth.list_mail(&by, true, 100).await?;
    /// assert!(dead.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_mail(
        &self,
        by: &Permitted<MailRead>,
        only_dead: bool,
        limit: u32,
    ) -> Result<Vec<MailInOutbox>, Failure> {
        outbox::list_mail(&self.0, by, only_dead, limit).await
    }

    /// Counts the mails in the outbox.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// let count = auth.count_mail().await?;
    /// assert_eq!((count.waiting, count.dead), (1, 0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn count_mail(&self) -> Result<OutboxCount, Failure> {
        outbox::count_mail(&self.0).await
    }

    /// Makes a mail due at once, whether it waits or was given up; tells whether there is one
    /// of this id that nobody is sending at this moment.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// use doorward::Permitted;
    ///
    /// for mail in auth.list_mail(&Permitted::operator(), false, 100).await? {
    ///     assert!(auth.retry_mail(&Permitted::operator(), mail.id).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn retry_mail(&self, by: &Permitted<MailWrite>, id: MailId) -> Result<bool, Failure> {
        outbox::retry_mail(&self.0, by, id).await
    }

    /// Makes all mails due at once that were given up; tells how many.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::Permitted;
    ///
    /// let revived = auth.retry_dead_mail(&Permitted::operator()).await?;
    /// assert_eq!(revived, 0, "none was given up here");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn retry_dead_mail(&self, by: &Permitted<MailWrite>) -> Result<u64, Failure> {
        outbox::retry_dead_mail(&self.0, by).await
    }

    /// Carries out all deferred requests, due or not, and then sends all mail that is due. Returns
    /// what became of the mails.
    ///
    /// Happens by itself in the background, unless the builder was told not to maintain. Of
    /// several engines on one database each mail is sent by one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// let delivery = auth.deliver_mail().await?;
    /// assert_eq!((delivery.sent, delivery.postponed, delivery.given_up), (1, 0, 0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn deliver_mail(&self) -> Result<Delivery, Failure> {
        jobs::deliver_mail(&self.0).await
    }
}
