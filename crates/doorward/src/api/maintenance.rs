//! What the operator looks at and looks after.

use crate::captcha::CaptchaOffer;
use crate::domain::audit::{AuditEvent, AuditFilter};
use crate::domain::authz::AuditRead;
use crate::domain::caller::{Caller, Permitted};
use crate::domain::failure::Failure;
use crate::domain::page::{Page, PageRequest};
use crate::engine::{Doorward, captcha};
use crate::ops::audit;
use crate::ops::maintenance::{self, Housekeeping, erase};

impl Doorward {
    /// Asks the database for an answer.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// match auth.check_health().await {
    ///     Ok(()) => println!("ready"),
    ///     Err(failure) => println!("not ready: {failure}"),
    /// }
    /// # auth.check_health().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where it gives none.
    pub async fn check_health(&self) -> Result<(), Failure> {
        maintenance::check_health(&self.0).await
    }

    /// Lists audit events, the newest first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.add_user("anna@example.com", ["user"]).await;
    /// # assert!(auth.login(doorward::LoginAttempt::new("anna@example.com", "wrong")).await.is_err());
    /// use doorward::{Action, AuditFilter, Outcome, PageRequest, Permitted};
    ///
    /// let filter = AuditFilter {
    ///     action: Some(Action::Login),
    ///     outcome: Some(Outcome::Failure),
    ///     target_id: Some(anna.id),
    ///     ..AuditFilter::default()
    /// };
    /// let page = auth.list_audit_events(&Permitted::operator(), filter, PageRequest::default()).await?;
    /// assert_eq!(page.items.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_audit_events(
        &self,
        by: &Permitted<AuditRead>,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEvent>, Failure> {
        audit::list_audit_events(&self.0, by, filter, page).await
    }

    /// Deletes what is kept no longer, as [`Retention`](crate::Retention) says, in small batches; tells how much.
    ///
    /// Runs by itself every five minutes, unless the builder was told otherwise. Where it is
    /// interrupted, the next round goes on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = doorward::Registration::new(doorward::testing::PASSWORD);
    /// # let anna = anna.email("anna@example.com".parse()?);
    /// # auth.register(&doorward::testing::anonymous(), anna).await?;
    /// use std::time::Duration;
    ///
    /// auth.advance(Duration::from_secs(365 * 24 * 60 * 60));
    /// let done = auth.keep_house().await?;
    /// assert_eq!(done.one_time_tokens, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn keep_house(&self) -> Result<Housekeeping, Failure> {
        maintenance::keep_house(&self.0).await
    }

    /// Wipes out of the audit trail where deleted accounts were used from; tells out of how
    /// many events.
    ///
    /// Runs by itself after each deletion, unless the builder was told not to maintain, and
    /// for each account once more an hour later. Where it is interrupted, it goes on at the
    /// next start.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # use doorward::{Caller, LoginAttempt, Origin, Permitted};
    /// # let anna = auth.add_user("anna@example.com", ["user"]).await;
    /// # let there = Caller::anonymous(Origin::default().with_ip([192, 0, 2, 7].into()));
    /// # auth.login(LoginAttempt::new("anna@example.com", doorward::testing::PASSWORD).by(there)).await?;
    /// auth.delete_user(&Permitted::operator(), anna.id).await?;
    /// // This engine was told not to maintain.
    /// assert_eq!(auth.erase_deleted_accounts().await?, 1);
    /// assert_eq!(auth.erase_deleted_accounts().await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn erase_deleted_accounts(&self) -> Result<u64, Failure> {
        erase::erase_deleted_accounts(&self.0).await
    }

    /// What a client has to show or to solve for a captcha, and whether it is asked for one
    /// as things stand; `None` where there are no captchas.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let caller = doorward::testing::anonymous();
    /// use doorward::CaptchaConfig;
    /// use doorward::testing::TestDoorward;
    ///
    /// let auth = TestDoorward::start_with(|builder| builder.captcha(CaptchaConfig::default())).await;
    /// let offer = auth.find_captcha(&caller).await;
    /// assert!(offer.is_some_and(|offer| offer.challenge.proof.is_some() && !offer.is_required));
    ///
    /// let without = TestDoorward::start().await;
    /// assert_eq!(without.find_captcha(&caller).await, None);
    /// # }
    /// ```
    pub async fn find_captcha(&self, caller: &Caller) -> Option<CaptchaOffer> {
        captcha::find_captcha(&self.0, caller).await
    }
}
