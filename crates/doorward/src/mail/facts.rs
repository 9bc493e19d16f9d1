//! What a mail tells.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a mail tells; a mail of one kind tells some of it.
///
/// It is personal, and may hold a live token: `Debug` shows the name alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MailFacts {
    /// What the owner is called. Left out of the mail where it looks like more than a name,
    /// and where the mail goes to a stranger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to go. See [`Links`](crate::Links).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The token in the link, for whoever types it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How long the link is good for, or a lock lasts, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_seconds: Option<u64>,
    /// From which network address it was done. Left out where it is no IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The `User-Agent` that did it. The mail names browser and system, never this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// When it was done, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<i64>,
    /// The address that the account has or is to have. Left out where it is no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_address: Option<String>,
}

impl fmt::Debug for MailFacts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MailFacts(..)")
    }
}
