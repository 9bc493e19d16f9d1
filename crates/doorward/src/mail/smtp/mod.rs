//! Mail by SMTP (RFC 5321, RFC 6409).

mod config;
mod conversation;
mod message;
mod reply;
mod starttls;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, TlsParameters};

use super::{Mailer, OutgoingMail, SendError, Sending};
use crate::domain::account::EmailAddress;
use crate::domain::clock::Clock;
use conversation::{Stage, say_goodbye};

pub use config::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpSecurity};

/// Sends mails by SMTP, each over a connection of its own.
///
/// TLS is verified against the system's certificates and those of the [`SmtpConfig`], and is
/// never left out where it was asked for.
pub struct SmtpMailer {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    sender: lettre::Address,
    clock: Arc<dyn Clock>,
}

impl SmtpMailer {
    /// A mailer of this configuration. It connects when it sends. The clock dates the mails.
    ///
    /// # Errors
    /// [`InvalidSmtpConfig`] where credentials would go in clear to another machine, a
    /// certificate is not PEM, or the host can't be one.
    pub fn new(config: SmtpConfig, clock: Arc<dyn Clock>) -> Result<Self, InvalidSmtpConfig> {
        config.check()?;
        let sender = config.from_email.mailbox().parse();
        let sender = sender.map_err(|_| InvalidSmtpConfig::From)?;
        let tls = match config.security {
            SmtpSecurity::None => None,
            SmtpSecurity::StartTls | SmtpSecurity::ImplicitTls => Some(tls_of(&config)?),
        };
        Ok(Self {
            config,
            tls,
            sender,
            clock,
        })
    }

    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), SendError> {
        let recipient = mail.to.parse::<EmailAddress>().ok();
        let recipient = recipient.and_then(|to| to.mailbox().parse().ok());
        let recipient = recipient.ok_or_else(|| SendError::permanent("not an address"))?;
        let message = self.format(mail, &recipient)?;
        let mut stage = Stage::Connect;
        let conversation = self.converse(&mut stage, recipient, &message);
        let connection = match tokio::time::timeout(self.config.deadline, conversation).await {
            Ok(outcome) => outcome?,
            Err(_) => return Err(SendError::temporary(format!("timed out at {stage}"))),
        };
        // The mail is theirs now, whatever comes of the farewell.
        say_goodbye(connection).await;
        Ok(())
    }
}

fn tls_of(config: &SmtpConfig) -> Result<TlsParameters, InvalidSmtpConfig> {
    let mut tls = TlsParameters::builder(config.host.clone());
    for pem in &config.root_certificates {
        let certificate = Certificate::from_pem(pem);
        tls = tls.add_root_certificate(certificate.map_err(|_| InvalidSmtpConfig::Certificate)?);
    }
    tls.build_rustls()
        .map_err(|_| InvalidSmtpConfig::Certificate)
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(self.deliver(mail))
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SmtpMailer");
        shown.field("config", &self.config).finish_non_exhaustive()
    }
}

/// How long the server may take to answer the farewell.
const GOODBYE: Duration = Duration::from_secs(1);
