//! The outbox: mails are written in the transaction of the act that they tell of, and sent by
//! a worker, again and again until they are taken or of no more use.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::attempt::{Fate, send_claimed};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::uuid_v7;
use crate::engine::Engine;
use crate::mail::MailConfig;
use crate::store::db::StoreError;
use crate::store::outbox::{self, ClaimedMail};

/// For how long a mail belongs to whoever claimed it. Twice as long as an attempt takes at the
/// most, so that what is claimed again was given up by a process that is gone.
const LEASE: Duration = Duration::from_secs(2 * 60);
/// How many mails are sent at once.
pub(crate) const AT_ONCE: usize = 8;

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
            Fate::PostponedTo(_) | Fate::WaitsUntil(_) => self.postponed += 1,
            Fate::GivenUp => self.given_up += 1,
        }
    }
}

/// Sends all mail that is due; tells what became of it.
pub(crate) async fn send_all_due(engine: &Arc<Engine>) -> Result<Delivery, Failure> {
    let mut delivery = Delivery::default();
    let mut sending = JoinSet::new();
    loop {
        send_due(engine, &mut sending).await?;
        match sending.join_next().await {
            Some(fate) => delivery.count(fate.map_err(Failure::internal)?),
            None => return Ok(delivery),
        }
    }
}

/// Begins to send what is due, as much as is sent at once.
pub(crate) async fn send_due(
    engine: &Arc<Engine>,
    sending: &mut JoinSet<Fate>,
) -> Result<(), Failure> {
    let Some(config) = &engine.config().mail else {
        return Ok(());
    };
    while sending.len() < AT_ONCE {
        let Some(mail) = claim_mail(engine).await? else {
            return Ok(());
        };
        let (owned, config): (_, Arc<MailConfig>) = (Arc::clone(engine), Arc::clone(config));
        sending.spawn(async move { send_claimed(&owned, &config, mail).await });
    }
    Ok(())
}

pub(crate) async fn find_next_due(engine: &Arc<Engine>) -> Result<Option<Timestamp>, Failure> {
    engine
        .database()
        .read(|tx| Box::pin(async move { outbox::next_due(tx).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn claim_mail(engine: &Arc<Engine>) -> Result<Option<ClaimedMail>, Failure> {
    let now = engine.now();
    // A look costs nobody anything; a claim is a write, which others wait for.
    if find_next_due(engine).await?.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let claim = uuid_v7(now, engine.entropy());
    engine
        .database()
        .write(move |tx| Box::pin(async move { outbox::claim(tx, claim, now, now + LEASE).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
