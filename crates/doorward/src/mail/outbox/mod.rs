//! The outbox: mails are written in the transaction of the act that they tell of, and sent by
//! a worker, again and again until they are taken or of no more use.

mod attempt;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::MailConfig;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::uuid_v7;
use crate::store::db::StoreError;
use crate::store::outbox::{self, ClaimedMail};

use attempt::Fate;
pub(crate) use worker::spawn;

/// For how long a mail belongs to whoever claimed it. Twice as long as an attempt takes at the
/// most, so that what is claimed again was given up by a process that is gone.
const LEASE: Duration = Duration::from_secs(2 * 60);
/// How many mails are sent at once.
const AT_ONCE: usize = 8;

/// What became of the mails that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// How many were sent.
    pub sent: usize,
    /// How many are to be tried again.
    pub postponed: usize,
    /// How many were given up.
    pub given_up: usize,
}

impl Delivery {
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Sent => self.sent += 1,
            Fate::PostponedTo(_) => self.postponed += 1,
            Fate::GivenUp => self.given_up += 1,
        }
    }
}

impl Doorward {
    /// Carries out what was put off, and sends all mail that is due; tells what became of it.
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
        self.finish_deferred().await?;
        let mut delivery = Delivery::default();
        let mut sending = JoinSet::new();
        loop {
            self.send_due(&mut sending).await?;
            match sending.join_next().await {
                Some(fate) => delivery.count(fate.map_err(Failure::internal)?),
                None => return Ok(delivery),
            }
        }
    }

    /// Begins to send what is due, as much as is sent at once.
    async fn send_due(&self, sending: &mut JoinSet<Fate>) -> Result<(), Failure> {
        let Some(config) = &self.config().mail else {
            return Ok(());
        };
        while sending.len() < AT_ONCE {
            let Some(mail) = self.claim_mail().await? else {
                return Ok(());
            };
            let (engine, config): (_, Arc<MailConfig>) = (self.clone(), Arc::clone(config));
            sending.spawn(async move { engine.send_claimed(&config, mail).await });
        }
        Ok(())
    }

    async fn find_next_due(&self) -> Result<Option<Timestamp>, Failure> {
        self.database()
            .read(|tx| Box::pin(async move { outbox::next_due(tx).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    async fn claim_mail(&self) -> Result<Option<ClaimedMail>, Failure> {
        let now = self.now();
        // A look costs nobody anything; a claim is a write, which others wait for.
        if self.find_next_due().await?.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let claim = uuid_v7(now, self.entropy());
        self.database()
            .write(move |tx| {
                Box::pin(async move { outbox::claim(tx, claim, now, now + LEASE).await })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}
