//! A mail as it goes over the wire (RFC 5322).

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};

use super::SmtpMailer;
use crate::mail::{OutgoingMail, SendError, plain};

impl SmtpMailer {
    pub(super) fn format(
        &self,
        mail: &OutgoingMail,
        recipient: &lettre::Address,
    ) -> Result<Vec<u8>, SendError> {
        let headers = self.headers(mail, recipient);
        let text = SinglePart::plain(mail.text.clone());
        let message = match &mail.html {
            None => headers.singlepart(text),
            Some(html) => {
                let alternative = MultiPart::alternative();
                // Nobody can know it beforehand, and write it into a fact.
                let parts = alternative.boundary(format!("doorward-{}", mail.id.simple()));
                headers.multipart(
                    parts
                        .singlepart(text)
                        .singlepart(SinglePart::html(html.clone())),
                )
            }
        };
        let message = message.map_err(|_| SendError::permanent("the mail can't be formatted"))?;
        Ok(message.formatted())
    }

    fn headers(&self, mail: &OutgoingMail, recipient: &lettre::Address) -> MessageBuilder {
        let name = self.config.from_name.as_deref().map(plain::one_line);
        let now = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        Message::builder()
            .from(Mailbox::new(name, self.sender.clone()))
            .to(Mailbox::new(None, recipient.clone()))
            .subject(plain::subject(&mail.subject))
            .date(UNIX_EPOCH + Duration::from_millis(now))
            .message_id(Some(format!("<{}@{}>", mail.id, self.sender.domain())))
            // No out-of-office reply, please (RFC 3834 §5).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
    }
}
