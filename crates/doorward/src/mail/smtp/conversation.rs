//! One mail's conversation with the server, step by step.

use std::fmt;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::reply::{refused, unexpected};
use super::{GOODBYE, SmtpMailer, SmtpSecurity, starttls};
use crate::mail::SendError;

/// How far a conversation came. What a refusal means depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The mail is being taken. Whether it was, nobody can say before the reply.
    Message,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "connect",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Message => "end of DATA",
        })
    }
}

impl SmtpMailer {
    /// Hands the message over, and returns the connection once it was taken.
    ///
    /// A connection serves one mail: one that was left in the middle of a conversation could
    /// answer for the mail after it.
    pub(super) async fn converse(
        &self,
        stage: &mut Stage,
        recipient: lettre::Address,
        message: &[u8],
    ) -> Result<AsyncSmtpConnection, SendError> {
        let mut connection = self.connect(stage).await?;
        self.authenticate(stage, &mut connection).await?;

        *stage = Stage::Mail;
        let mail = Mail::new(Some(self.sender.clone()), Vec::new());
        let reply = connection.command(mail).await;
        reply.map_err(|error| refused(*stage, &error))?;

        *stage = Stage::Rcpt;
        let reply = connection.command(Rcpt::new(recipient, Vec::new())).await;
        reply.map_err(|error| refused(*stage, &error))?;

        *stage = Stage::Data;
        let reply = connection.command(Data).await;
        let reply = reply.map_err(|error| refused(*stage, &error))?;
        if !reply.has_code(354) {
            return Err(unexpected(*stage));
        }

        *stage = Stage::Message;
        let reply = connection.message(message).await;
        let reply = reply.map_err(|error| refused(*stage, &error))?;
        if reply.has_code(354) {
            return Err(unexpected(*stage));
        }
        Ok(connection)
    }

    async fn connect(&self, stage: &mut Stage) -> Result<AsyncSmtpConnection, SendError> {
        let name = ClientId::Domain(self.sender.domain().to_owned());
        let server = (self.config.host.as_str(), self.config.port);
        // A share of the deadline, so that an address that does not answer leaves time for
        // the host's next one.
        let timeout = self.config.deadline / 3;
        if self.config.security == SmtpSecurity::StartTls {
            let tls = self.tls.clone().ok_or_else(|| unexpected(*stage))?;
            return starttls::connect(stage, server, timeout, &name, tls).await;
        }
        AsyncSmtpConnection::connect_tokio1(server, Some(timeout), &name, self.tls.clone(), None)
            .await
            .map_err(|error| refused(*stage, &error))
    }

    async fn authenticate(
        &self,
        stage: &mut Stage,
        connection: &mut AsyncSmtpConnection,
    ) -> Result<(), SendError> {
        let Some(credentials) = &self.config.credentials else {
            return Ok(());
        };
        *stage = Stage::Auth;
        let credentials =
            Credentials::new(credentials.user.clone(), credentials.password.to_string());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let reply = connection.auth(&mechanisms, &credentials).await;
        let reply = reply.map_err(|error| refused(*stage, &error))?;
        // RFC 4954 §6.
        if reply.has_code(235) {
            Ok(())
        } else {
            Err(unexpected(*stage))
        }
    }
}

/// Ends the session as a client should (RFC 5321 §4.1.1.10), and waits little for it.
pub(super) async fn say_goodbye(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
}
