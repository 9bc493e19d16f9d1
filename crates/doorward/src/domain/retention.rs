//! How long things are kept.

use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long things are kept that nobody needs any more.
///
/// One-time tokens go when they expire, and failed logins when they are forgotten: a day after
/// the last one.
///
/// ```
/// use std::time::Duration;
/// use doorward::Retention;
///
/// let retention = Retention {
///     audit_events: Some(Duration::from_secs(90 * 24 * 60 * 60)),
///     ..Retention::default()
/// };
/// assert_eq!(retention.sessions.as_secs(), 24 * 60 * 60);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events of the audit trail; `None` keeps them for ever. Default: 365 days.
    pub audit_events: Option<Duration>,
    /// Sessions, from when they were ended or expired. Expired ones are deleted after the UTC day
    /// on which this time ends. Default: one day.
    pub sessions: Duration,
    /// Mails that were given up, from that moment. Default: 30 days.
    pub mails: Duration,
    /// Networks and devices that an account was used from, since they were last seen: after
    /// that, its owner is told of them as of new ones. Default: 365 days.
    pub known_origins: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            audit_events: Some(365 * DAY),
            sessions: DAY,
            mails: 30 * DAY,
            known_origins: 365 * DAY,
        }
    }
}
