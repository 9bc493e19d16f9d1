//! The outbox: mails are written in the transaction of the act that they tell of, and sent by
//! a worker, again and again until they are taken or of no more use.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{MailConfig, MailKind, OutgoingMail, SendError};
use crate::bell::Bell;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::uuid_v7;
use crate::measure::{self, MailOutcome};
use crate::store::db::StoreError;
use crate::store::outbox::{self, ClaimedMail};

/// For how long a mail belongs to whoever claimed it. Longer than any mailer takes, so that
/// what is claimed again was given up by a process that is gone.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// How many mails are sent at once.
const AT_ONCE: usize = 4;
/// How long to rest when nobody says that there is mail: another process may have written some.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How long to rest after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How long to wait after each failed attempt, and how often to try at all.
const BACKOFF: [Duration; 11] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(3 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
];

/// Works on the outbox for as long as `engine` finds an engine.
pub(crate) fn spawn(bell: Arc<Bell>, engine: impl Fn() -> Option<Doorward> + Send + 'static) {
    tokio::spawn(async move {
        loop {
            let Some(doorward) = engine() else { return };
            let rest = doorward.work_on_outbox().await.unwrap_or_else(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "mail waits");
                AFTER_FAILURE
            });
            // Nothing but the engine's owner may keep it alive.
            drop(doorward);
            tokio::select! {
                () = bell.heard() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    });
}

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

impl Doorward {
    /// Carries out what was put off, and sends all mail that is due; tells what became of it.
    ///
    /// Runs by itself in the background, unless the builder was told not to maintain. Of
    /// several engines on one database each mail is sent by one.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn deliver_mail(&self) -> Result<Delivery, Failure> {
        self.carry_out_deferred().await?;
        let mut delivery = Delivery::default();
        let Some(config) = &self.config().mail else {
            return Ok(delivery);
        };
        let mut sending = JoinSet::new();
        loop {
            while sending.len() < AT_ONCE {
                let Some(mail) = self.claim_mail().await? else {
                    break;
                };
                let (engine, config) = (self.clone(), Arc::clone(config));
                sending.spawn(async move { engine.send_claimed(&config, mail).await });
            }
            let Some(ended) = sending.join_next().await else {
                return Ok(delivery);
            };
            match ended.map_err(Failure::internal)?? {
                Fate::Sent => delivery.sent += 1,
                Fate::Postponed => delivery.postponed += 1,
                Fate::GivenUp => delivery.given_up += 1,
            }
        }
    }

    /// One round of the worker; tells how long to rest after it.
    async fn work_on_outbox(&self) -> Result<Duration, Failure> {
        self.deliver_mail().await?;
        let next = self.find_next_due().await?;
        let until_next = next.map_or(LONGEST_REST, |due| due.since(self.now()));
        Ok(until_next.min(LONGEST_REST))
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

    async fn send_claimed(&self, config: &MailConfig, mail: ClaimedMail) -> Result<Fate, Failure> {
        let now = self.now();
        let outcome = if mail.expires_at <= now {
            Err(SendError::permanent("expired"))
        } else {
            match self.render(config, &mail) {
                Ok(outgoing) => config.mailer.send(&outgoing).await,
                Err(error) => Err(error),
            }
        };
        let fate = fate_of(&mail, outcome.as_ref().err(), self.now());
        measure::count_mail(match fate {
            Next::Forget => MailOutcome::Sent,
            Next::TryAt(_) => MailOutcome::Postponed,
            Next::GiveUp => MailOutcome::GivenUp,
        });
        if let Err(error) = &outcome {
            tracing::warn!(
                mail_id = %mail.id,
                kind = mail.kind,
                attempts = mail.attempts,
                reason = error.reason,
                given_up = matches!(fate, Next::GiveUp),
                "a mail was not sent"
            );
        }
        let failure = outcome.err().map(|error| error.reason).unwrap_or_default();
        let now = self.now();
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    match fate {
                        Next::Forget => outbox::sent(tx, &mail).await?,
                        Next::TryAt(due) => outbox::retry_at(tx, &mail, due, &failure).await?,
                        Next::GiveUp => outbox::give_up(tx, &mail, now, &failure).await?,
                    }
                    Ok(fate.into())
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }

    fn render(&self, config: &MailConfig, mail: &ClaimedMail) -> Result<OutgoingMail, SendError> {
        let letter = self
            .open_letter(mail.id, &mail.kind, &mail.sealed)
            .ok_or_else(|| SendError::permanent("sealed under another SECRET_KEY"))?;
        let kind = MailKind::find(&mail.kind)
            .ok_or_else(|| SendError::temporary("of a kind that this release does not know"))?;
        let rendered = config
            .templates
            .render(kind, letter.language.as_deref(), &letter.facts)
            .map_err(|_| SendError::temporary("the template failed"))?;
        Ok(OutgoingMail {
            id: mail.id.as_uuid(),
            to: letter.to,
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        })
    }
}

enum Fate {
    Sent,
    Postponed,
    GivenUp,
}

/// What is to be done with a mail after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Forget,
    TryAt(Timestamp),
    GiveUp,
}

impl From<Next> for Fate {
    fn from(next: Next) -> Self {
        match next {
            Next::Forget => Self::Sent,
            Next::TryAt(_) => Self::Postponed,
            Next::GiveUp => Self::GivenUp,
        }
    }
}

fn fate_of(mail: &ClaimedMail, error: Option<&SendError>, now: Timestamp) -> Next {
    let Some(error) = error else {
        return Next::Forget;
    };
    let attempt = usize::try_from(mail.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    match BACKOFF.get(attempt) {
        Some(wait) if !error.is_permanent => Next::TryAt(now + jittered(*wait, mail.claim)),
        _ => Next::GiveUp,
    }
}

/// A wait that is up to a fifth longer, so that mails which failed together do not come
/// back together.
fn jittered(wait: Duration, claim: Uuid) -> Duration {
    let fifth = u32::from(claim.as_bytes()[15]);
    wait + wait * fifth / (5 * 256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MailId;

    fn mail(attempts: i64) -> ClaimedMail {
        ClaimedMail {
            id: MailId::from_uuid(Uuid::nil()),
            kind: "password_reset".to_owned(),
            sealed: Vec::new(),
            expires_at: Timestamp::from_millis(i64::MAX),
            attempts,
            claim: Uuid::max(),
        }
    }

    #[test]
    fn waits_grow_until_the_mail_is_given_up() {
        let now = Timestamp::from_millis(0);
        let error = SendError::temporary("timed out");
        let mut longest = Duration::ZERO;
        for attempt in 1..=11 {
            let Next::TryAt(due) = fate_of(&mail(attempt), Some(&error), now) else {
                panic!("attempt {attempt} was the last");
            };
            assert!(due.since(now) > longest);
            longest = due.since(now);
        }
        assert_eq!(fate_of(&mail(12), Some(&error), now), Next::GiveUp);
        assert_eq!(fate_of(&mail(1), None, now), Next::Forget);
        let refused = SendError::permanent("550 5.1.1");
        assert_eq!(fate_of(&mail(1), Some(&refused), now), Next::GiveUp);
    }
}
