//! How an engine sends mail.

use std::sync::Arc;

use super::{Links, Mailer, Templates};
use crate::domain::mail::Notices;

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
