//! How mails are made and sent: templates, links, and what carries them.

use std::sync::Arc;

use crate::domain::mail::Notices;
mod device;
mod kept;
mod links;
mod mailer;
mod plain;
#[cfg(feature = "smtp")]
mod smtp;
mod templates;

pub use kept::{KeptMail, KeptMails};
pub use links::{InvalidLink, Links};
pub use mailer::{Mailer, OutgoingMail, SendError, Sending};
#[cfg(feature = "smtp")]
pub use smtp::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use templates::{InvalidTemplate, RenderedMail, TemplateError, Templates};

/// How mail is sent, what it says and where its links lead.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Who sends it.
    pub mailer: Arc<dyn Mailer>,
    /// What it says.
    pub templates: Templates,
    /// Where its links lead.
    pub links: Links,
    /// Of what the owners of accounts are told.
    pub notices: Notices,
}

impl MailConfig {
    /// Mail sent by `mailer`, with all notices.
    pub fn new(mailer: Arc<dyn Mailer>, templates: Templates, links: Links) -> Self {
        Self {
            mailer,
            templates,
            links,
            notices: Notices::default(),
        }
    }
}
