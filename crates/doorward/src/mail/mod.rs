//! How mails are made and sent: templates, links, and what carries them.

mod config;
mod device;
mod kept;
mod links;
mod mailer;
mod plain;
#[cfg(feature = "smtp")]
mod smtp;
mod templates;

pub use config::MailConfig;
pub use kept::{KeptMail, KeptMails};
pub use links::{InvalidLink, Links};
pub use mailer::{Mailer, OutgoingMail, SendError, Sending};
#[cfg(feature = "smtp")]
pub use smtp::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use templates::{InvalidTemplate, RenderedMail, TemplateError, Templates};
