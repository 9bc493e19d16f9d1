//! Mail to the owners of accounts: what is said, and how it is sent.
//!
//! A letter is kept as its kind and its facts, and turned into text when it is sent: with
//! the templates and in the language of that moment.

mod config;
mod device;
mod facts;
mod kept;
mod kind;
mod letter;
mod links;
mod mailer;
mod outbox;
mod outgoing;
mod plain;
#[cfg(feature = "smtp")]
mod smtp;
mod templates;

pub use config::{MailConfig, Notices};
pub use facts::MailFacts;
pub use kept::{KeptMail, KeptMails};
pub use kind::MailKind;
pub(crate) use letter::Recipient;
pub use links::{InvalidLink, Links};
pub use mailer::{Mailer, OutgoingMail, SendError, Sending};
pub use outbox::Delivery;
pub(crate) use outbox::spawn;
pub use outgoing::{MailInOutbox, OutboxCount};
#[cfg(feature = "smtp")]
pub use smtp::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use templates::{InvalidTemplate, RenderedMail, TemplateError, Templates};
