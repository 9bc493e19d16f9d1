//! One attempt to send a mail.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::letter::{Letter, open_letter};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::mail::MailKind;
use crate::engine::Engine;
use crate::instrumentation::{self, MailOutcome};
use crate::keys::OpenError;
use crate::mail::{MailConfig, OutgoingMail, SendError};
use crate::store::db::StoreError;
use crate::store::outbox::{self, ClaimedMail};

/// How long an attempt may take: half of what the claim lasts.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);
/// How long a mail waits for its key before it is looked at again.
const KEY_WAIT: Duration = Duration::from_secs(5 * 60);
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

/// Tries to send a claimed mail once, and writes down what came of it.
pub(super) async fn send_claimed(
    engine: &Arc<Engine>,
    config: &MailConfig,
    mail: ClaimedMail,
) -> Fate {
    let (outcome, fate) = try_once(engine, config, &mail).await;
    instrumentation::count_mail(fate.into());
    if let Err(error) = &outcome {
        tracing::warn!(
            mail_id = %mail.id,
            kind = mail.kind,
            attempts = mail.attempts,
            reason = error.reason,
            given_up = matches!(fate, Fate::GivenUp),
            "a mail was not sent"
        );
    }
    let failure = outcome.err().map(|error| error.reason).unwrap_or_default();
    if let Err(error) = write_fate(engine, mail, fate, failure).await {
        // The claim runs out, and the mail is tried again.
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "what became of a mail was not written down");
    }
    fate
}

async fn write_fate(
    engine: &Arc<Engine>,
    mail: ClaimedMail,
    fate: Fate,
    failure: String,
) -> Result<(), Failure> {
    let now = engine.now();
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                match fate {
                    Fate::Sent => outbox::sent(tx, &mail).await,
                    Fate::PostponedTo(due) => outbox::retry_at(tx, &mail, due, &failure).await,
                    Fate::WaitsUntil(due) => outbox::wait_until(tx, &mail, due, &failure).await,
                    Fate::GivenUp => outbox::give_up(tx, &mail, now, &failure).await,
                }
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}

async fn try_once(
    engine: &Arc<Engine>,
    config: &MailConfig,
    mail: &ClaimedMail,
) -> (Result<(), SendError>, Fate) {
    if mail.expires_at <= engine.now() {
        return (Err(SendError::permanent("expired")), Fate::GivenUp);
    }
    let outcome = match open_letter(engine, mail.id, &mail.kind, &mail.sealed) {
        Ok(letter) => send(config, mail, letter).await,
        Err(error @ OpenError::UnknownKey) => {
            let until = engine.now() + KEY_WAIT;
            let error = SendError::temporary(error.to_string());
            return (Err(error), Fate::WaitsUntil(until));
        }
        Err(error @ OpenError::Invalid) => Err(SendError::permanent(error.to_string())),
    };
    let fate = fate_of(mail, outcome.as_ref().err(), engine.now());
    (outcome, fate)
}

async fn send(config: &MailConfig, mail: &ClaimedMail, letter: Letter) -> Result<(), SendError> {
    let outgoing = render(config, mail, letter)?;
    timeout(LONGEST_ATTEMPT, config.mailer.send(&outgoing))
        .await
        .unwrap_or_else(|_| Err(SendError::temporary("timed out")))
}

fn render(
    config: &MailConfig,
    mail: &ClaimedMail,
    letter: Letter,
) -> Result<OutgoingMail, SendError> {
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

/// What is to be done with a mail after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was sent, and is forgotten.
    Sent,
    /// It is tried again at this moment.
    PostponedTo(Timestamp),
    /// Its key is unknown. It is looked at again at this moment, and the attempt does not count.
    WaitsUntil(Timestamp),
    /// Nobody tries it again by themselves.
    GivenUp,
}

impl From<Fate> for MailOutcome {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Sent => Self::Sent,
            Fate::PostponedTo(_) | Fate::WaitsUntil(_) => Self::Postponed,
            Fate::GivenUp => Self::GivenUp,
        }
    }
}

fn fate_of(mail: &ClaimedMail, error: Option<&SendError>, now: Timestamp) -> Fate {
    let Some(error) = error else {
        return Fate::Sent;
    };
    let attempt = usize::try_from(mail.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    match BACKOFF.get(attempt) {
        Some(wait) if !error.is_permanent => Fate::PostponedTo(now + jittered(*wait, mail.claim)),
        _ => Fate::GivenUp,
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
    use crate::domain::id::MailId;

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
            let Fate::PostponedTo(due) = fate_of(&mail(attempt), Some(&error), now) else {
                panic!("attempt {attempt} was the last");
            };
            assert!(due.since(now) > longest);
            longest = due.since(now);
        }
        assert_eq!(fate_of(&mail(12), Some(&error), now), Fate::GivenUp);
        assert_eq!(fate_of(&mail(1), None, now), Fate::Sent);
        let refused = SendError::permanent("550 5.1.1");
        assert_eq!(fate_of(&mail(1), Some(&refused), now), Fate::GivenUp);
    }
}
