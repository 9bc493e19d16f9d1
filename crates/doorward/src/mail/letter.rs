//! A mail on its way into the outbox: whom it goes to, what it tells, sealed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{MailFacts, MailKind};
use crate::account::{EmailAddress, FullName, User, UserRecord};
use crate::authz::Origin;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::{MailId, UserId};
use crate::one_time_token::{OneTimeToken, TokenPurpose};
use crate::store::db::{StoreError, Tx};
use crate::store::outbox::{self, NewMail};
use crate::store::tokens::{self, NewToken};

/// How long a notice is worth sending.
const NOTICE_TTL: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Whom a letter goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient<'r> {
    /// The account that it goes to, and is deleted with.
    pub(crate) user: Option<UserId>,
    pub(crate) email: &'r EmailAddress,
    pub(crate) name: Option<&'r FullName>,
}

impl User {
    pub(crate) fn recipient(&self) -> Option<Recipient<'_>> {
        self.email.as_ref().map(|email| Recipient {
            user: Some(self.id),
            email,
            name: self.full_name.as_ref(),
        })
    }
}

impl UserRecord {
    pub(crate) fn recipient(&self) -> Option<Recipient<'_>> {
        self.email.as_ref().map(|email| Recipient {
            user: Some(self.id),
            email,
            name: self.full_name.as_ref(),
        })
    }
}

/// A letter as it is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) language: Option<String>,
    pub(super) facts: MailFacts,
}

impl Doorward {
    /// Whether mails are sent at all.
    pub(crate) fn sends_mail(&self) -> bool {
        self.config().mail.is_some()
    }

    /// Puts a letter in the outbox, in the transaction of the act that it tells of; nothing
    /// where there is nobody to send it to, where no mail is sent, or not of this kind.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx<'_>,
        to: Option<Recipient<'_>>,
        kind: MailKind,
        facts: MailFacts,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let (Some(config), Some(to)) = (&self.config().mail, to) else {
            return Ok(());
        };
        if !config.notices.includes(kind) || !self.may_tell(&to, kind) {
            return Ok(());
        }
        let mail = self.seal_letter(to, kind, facts, origin, NOTICE_TTL)?;
        outbox::insert(tx, &mail).await
    }

    /// Whether an account may be told of one more thing of this kind. Whoever has an account at
    /// somebody else's address must not fill their mailbox by what they do with it; and many
    /// notices of one kind must not keep one of another from its owner.
    ///
    /// Counted in this process alone: a transaction is no place to ask others.
    fn may_tell(&self, to: &Recipient<'_>, kind: MailKind) -> bool {
        let (Some(user), Some(rate)) = (to.user, self.config().rate_limits.mail) else {
            return true;
        };
        let key = format!("{}:{user}", kind.as_str());
        let decision = self.notices().take_now(&key, rate, 1, self.now());
        decision.is_allowed
    }

    /// Makes a new token for an account, in the place of earlier ones for the same purpose, and
    /// puts the letter with its link in the outbox, where mail is sent.
    pub(crate) async fn mail_token(
        &self,
        tx: &mut Tx<'_>,
        to: Recipient<'_>,
        user: UserId,
        purpose: TokenPurpose,
        origin: &Origin,
    ) -> Result<OneTimeToken, StoreError> {
        let token = self.renew_token(tx, user, purpose, to.email).await?;
        let (kind, ttl) = self.letter_of(purpose);
        let now = self.now();
        if let Some(config) = &self.config().mail {
            let link = match purpose {
                TokenPurpose::PasswordReset => config.links.link_to_reset_password(token.as_str()),
                TokenPurpose::EmailVerification | TokenPurpose::EmailChange => {
                    config.links.link_to_verify_email(token.as_str())
                }
            };
            let facts = MailFacts::of_event(origin, now).link(link).valid_for(ttl);
            let mail = self.seal_letter(to, kind, facts, origin, ttl)?;
            outbox::insert(tx, &mail).await?;
        }
        Ok(token)
    }

    /// Makes a new token for an account, in the place of earlier ones for the same purpose.
    pub(crate) async fn renew_token(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        purpose: TokenPurpose,
        email: &EmailAddress,
    ) -> Result<OneTimeToken, StoreError> {
        let now = self.now();
        let token = OneTimeToken::generate(purpose, self.entropy());
        let kept = NewToken {
            hash: token.hash(),
            user,
            purpose,
            email: email.clone(),
            created_at: now,
            expires_at: now + self.letter_of(purpose).1,
        };
        tokens::supersede(tx, &kept).await?;
        Ok(token)
    }

    fn letter_of(&self, purpose: TokenPurpose) -> (MailKind, Duration) {
        let config = self.config();
        match purpose {
            TokenPurpose::PasswordReset => (MailKind::PasswordReset, config.password_reset_ttl),
            TokenPurpose::EmailVerification => {
                (MailKind::EmailVerification, config.email_verification_ttl)
            }
            TokenPurpose::EmailChange => (MailKind::EmailChange, config.email_verification_ttl),
        }
    }

    fn seal_letter(
        &self,
        to: Recipient<'_>,
        kind: MailKind,
        mut facts: MailFacts,
        origin: &Origin,
        ttl: Duration,
    ) -> Result<NewMail, Failure> {
        facts.name = to.name.map(|name| name.as_str().to_owned());
        let now = self.now();
        let id = MailId::generate(now, self.entropy());
        let letter = Letter {
            to: to.email.mailbox(),
            language: origin.languages().and_then(first_language),
            facts,
        };
        let plain =
            zeroize::Zeroizing::new(serde_json::to_vec(&letter).map_err(Failure::internal)?);
        Ok(NewMail {
            id,
            user: to.user,
            kind: kind.as_str(),
            sealed: self
                .keys()
                .sealing
                .seal(&place(id, kind.as_str()), &plain, self.entropy())?,
            created_at: now,
            expires_at: now + ttl,
        })
    }

    /// The letter that was sealed; `None` where that was under another secret.
    pub(super) fn open_letter(&self, id: MailId, kind: &str, sealed: &[u8]) -> Option<Letter> {
        let plain = self.keys().sealing.open(&place(id, kind), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

/// A letter opens as the mail that it was sealed as alone.
fn place(id: MailId, kind: &str) -> Vec<u8> {
    [id.as_uuid().as_bytes(), kind.as_bytes()].concat()
}

impl MailFacts {
    /// The facts of something that was done from this origin.
    pub(crate) fn of_event(origin: &Origin, now: Timestamp) -> Self {
        Self {
            ip: origin.ip().map(|ip| ip.to_string()),
            user_agent: origin.user_agent().map(str::to_owned),
            occurred_at: Some(now.as_millis()),
            ..Self::default()
        }
    }

    pub(crate) fn link(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }

    pub(crate) fn valid_for(mut self, ttl: Duration) -> Self {
        self.valid_for_seconds = Some(ttl.as_secs());
        self
    }

    pub(crate) fn new_address(mut self, address: &EmailAddress) -> Self {
        self.new_address = Some(address.to_string());
        self
    }
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
