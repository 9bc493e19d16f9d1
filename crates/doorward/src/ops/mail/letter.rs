//! A mail on its way into the outbox: whom it goes to, what it tells, sealed.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::account::EmailAddress;
use crate::domain::id::UserId;
use crate::domain::jobs::Queue;
use crate::domain::mail::{MailFacts, MailKind, Recipient};
use crate::domain::one_time_token::{OneTimeToken, TokenPurpose};
use crate::domain::origin::Origin;
use crate::engine::Engine;
use crate::ops::jobs::{JobKind, JobOptions, enqueue};
use crate::store::db::{StoreError, Tx};
use crate::store::tokens::{self, NewToken};

/// How long a notice is worth sending.
const NOTICE_TTL: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The payload of a mail.
#[derive(Serialize, Deserialize)]
pub(super) struct MailPayload {
    pub(super) to: String,
    pub(super) language: Option<String>,
    pub(super) facts: MailFacts,
}

/// Puts a letter in the outbox, in the transaction of the act that it tells of; nothing
/// where there is nobody to send it to, where no mail is sent, or not of this kind.
pub(crate) async fn tell(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    to: Option<Recipient<'_>>,
    kind: MailKind,
    facts: MailFacts,
    origin: &Origin,
) -> Result<(), StoreError> {
    let (Some(config), Some(to)) = (&engine.config().mail, to) else {
        return Ok(());
    };
    if !config.notices.includes(kind) || !may_tell(engine, &to, kind) {
        return Ok(());
    }
    enqueue_mail(engine, tx, to, (kind, NOTICE_TTL), facts, origin).await
}

/// Whether an account may be told of one more thing of this kind. Whoever has an account at
/// somebody else's address must not fill their mailbox by what they do with it; and many
/// notices of one kind must not keep one of another from its owner.
///
/// Counted in this process alone: a transaction is no place to ask others.
fn may_tell(engine: &Arc<Engine>, to: &Recipient<'_>, kind: MailKind) -> bool {
    let (Some(user), Some(rate)) = (to.user, engine.config().rate_limits.mail) else {
        return true;
    };
    let key = format!("{}:{user}", kind.as_str());
    let decision = engine.notices().take_now(&key, rate, 1, engine.now());
    decision.is_allowed
}

/// Makes a new token for an account, in the place of earlier ones for the same purpose, and
/// puts the letter with its link in the outbox, where mail is sent.
pub(crate) async fn mail_token(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    to: Recipient<'_>,
    user: UserId,
    purpose: TokenPurpose,
    origin: &Origin,
) -> Result<OneTimeToken, StoreError> {
    let token = renew_token(engine, tx, user, purpose, to.email).await?;
    let (kind, ttl) = letter_of(engine, purpose);
    let now = engine.now();
    if let Some(config) = &engine.config().mail {
        let link = match purpose {
            TokenPurpose::PasswordReset => config.links.link_to_reset_password(token.as_str()),
            TokenPurpose::EmailVerification | TokenPurpose::EmailChange => {
                config.links.link_to_verify_email(token.as_str())
            }
        };
        let facts = MailFacts::of_event(origin, now).link(link).valid_for(ttl);
        enqueue_mail(engine, tx, to, (kind, ttl), facts, origin).await?;
    }
    Ok(token)
}

/// Makes a new token for an account, in the place of earlier ones for the same purpose.
pub(crate) async fn renew_token(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: TokenPurpose,
    email: &EmailAddress,
) -> Result<OneTimeToken, StoreError> {
    let now = engine.now();
    let token = OneTimeToken::generate(purpose, engine.entropy());
    let kept = NewToken {
        hash: token.hash(),
        user,
        purpose,
        email: email.clone(),
        created_at: now,
        expires_at: now + letter_of(engine, purpose).1,
    };
    tokens::supersede(tx, &kept).await?;
    Ok(token)
}

fn letter_of(engine: &Arc<Engine>, purpose: TokenPurpose) -> (MailKind, Duration) {
    let config = engine.config();
    match purpose {
        TokenPurpose::PasswordReset => (MailKind::PasswordReset, config.password_reset_ttl),
        TokenPurpose::EmailVerification => {
            (MailKind::EmailVerification, config.email_verification_ttl)
        }
        TokenPurpose::EmailChange => (MailKind::EmailChange, config.email_verification_ttl),
    }
}

/// The kind of job that sends a mail of this kind.
pub(super) const fn job_kind(kind: MailKind) -> JobKind<MailPayload> {
    JobKind::new(Queue::Mail, kind.as_str())
}

async fn enqueue_mail(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    to: Recipient<'_>,
    (kind, ttl): (MailKind, Duration),
    mut facts: MailFacts,
    origin: &Origin,
) -> Result<(), StoreError> {
    facts.name = to.name.map(|name| name.as_str().to_owned());
    let payload = MailPayload {
        to: to.email.mailbox(),
        language: origin.languages().and_then(first_language),
        facts,
    };
    let options = JobOptions {
        user: to.user,
        delay: Duration::ZERO,
        ttl,
        dedupe_key: None,
    };
    enqueue(engine, tx, job_kind(kind), &payload, options).await
}

/// The language that is liked best (RFC 9110 §12.5.4).
fn first_language(accepted: &str) -> Option<String> {
    let mut best: Option<(f32, &str)> = None;
    for range in accepted.split(',').take(16) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        let is_tag = !tag.is_empty()
            && tag.len() <= 35
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_tag && weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, tag));
        }
    }
    best.map(|(_, tag)| tag.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best_is_taken() {
        for (accepted, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some("de-at")),
            ("en;q=0.5, fr", Some("fr")),
            ("*", None),
            ("", None),
            ("../../etc", None),
            ("de;q=0", None),
            ("de;q=x,en;q=0.1", Some("en")),
        ] {
            assert_eq!(first_language(accepted).as_deref(), language, "{accepted}");
        }
    }
}
