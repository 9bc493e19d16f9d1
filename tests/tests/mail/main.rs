//! Mail by SMTP, against a server on loopback that does as it is told.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contents;
mod encryption;
mod failures;

use std::sync::Arc;
use std::time::Duration;

use doorward::{Mailer as _, OutgoingMail, SendError, SmtpConfig, SmtpMailer, Timestamp};
use uuid::Uuid;

/// 2026-11-21 04:44:35 UTC.
#[derive(Debug)]
struct Clock;

impl doorward::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_236_275_000)
    }
}

fn mailer(config: SmtpConfig) -> SmtpMailer {
    SmtpMailer::new(config, Arc::new(Clock)).unwrap()
}

/// A mail with text and HTML.
fn mail() -> OutgoingMail {
    OutgoingMail {
        id: Uuid::from_u128(7),
        to: "anna@example.org".to_owned(),
        subject: "Hello".to_owned(),
        text: "Good morning.\n".to_owned(),
        html: Some("<p>Good morning.</p>\n".to_owned()),
    }
}

async fn send(config: SmtpConfig) -> Result<(), SendError> {
    mailer(config).send(&mail()).await
}

/// A deadline for servers that say nothing: short for whoever waits for the test, and long
/// beside what a conversation on loopback takes.
const SHORT: Duration = Duration::from_millis(700);
