//! The facts as templates see them.

use std::net::IpAddr;

use minijinja::{Value, context};

use crate::domain::account::EmailAddress;
use crate::domain::mail::{MailFacts, MailKind};
use crate::mail::{device, plain};

/// All that templates know.
pub(super) const NAMES: [&str; 12] = [
    "service",
    "language",
    "name",
    "link",
    "token",
    "valid_for",
    "valid_for_hours",
    "valid_for_minutes",
    "ip",
    "device",
    "occurred_at",
    "new_address",
];

/// The token of invented facts, by which a rendered sample shows that it holds it.
pub(super) const SAMPLE_TOKEN: &str = "sample-token-0123456789";

/// What this template may see: nothing that its sender could have chosen to mislead with.
pub(super) fn of(kind: MailKind, service: &str, language: &str, facts: &MailFacts) -> Value {
    let name = facts.name.as_deref().and_then(plain::name);
    let ip = facts.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok());
    let new_address = facts.new_address.as_deref();
    let new_address = new_address.and_then(|text| text.parse::<EmailAddress>().ok());
    context! {
        service => service,
        language => if language.is_empty() { "en" } else { language },
        name => name.filter(|_| !kind.goes_to_stranger()),
        link => facts.link.as_deref().map(plain::one_line),
        token => facts.token.as_deref().map(plain::one_line),
        valid_for => facts.valid_for_seconds.map(in_words),
        valid_for_hours => facts.valid_for_seconds.map(|seconds| seconds / 3_600),
        valid_for_minutes => facts.valid_for_seconds.map(|seconds| seconds / 60),
        ip => ip.map(|ip| ip.to_canonical().to_string()),
        device => facts.user_agent.as_deref().and_then(device::describe),
        occurred_at => facts.occurred_at.and_then(moment),
        new_address => new_address.map(|address| address.to_string()),
    }
}

/// "24 hours", "3 days", "90 minutes": the largest unit that needs no fraction, and never
/// more than there is.
fn in_words(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let (count, unit) = match seconds {
        seconds if seconds > DAY && seconds.is_multiple_of(DAY) => (seconds / DAY, "day"),
        seconds if seconds >= 3_600 && seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        seconds if seconds >= 60 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `2026-11-21 04:44:35 UTC`.
fn moment(millis: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Invented facts, all of them.
pub(super) fn full_sample() -> MailFacts {
    MailFacts {
        name: Some("Anna Kowalska".to_owned()),
        link: Some(format!("https://example.com/go#token={SAMPLE_TOKEN}")),
        token: Some(SAMPLE_TOKEN.to_owned()),
        valid_for_seconds: Some(3_600),
        ip: Some("203.0.113.7".to_owned()),
        user_agent: Some(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
        ),
        occurred_at: Some(1_795_236_275_000),
        new_address: Some("anna@example.org".to_owned()),
    }
}

/// Invented facts, those alone without which there is no such mail.
pub(super) fn least_sample(kind: MailKind) -> MailFacts {
    if !kind.carries_link() {
        return MailFacts::default();
    }
    let full = full_sample();
    MailFacts {
        link: full.link,
        token: full.token,
        ..MailFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_largest_whole_unit() {
        for (seconds, words) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (119, "1 minute"),
            (900, "15 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (86_400, "24 hours"),
            (259_200, "3 days"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }

    #[test]
    fn moments_are_in_utc() {
        let said = moment(1_795_236_275_999);
        assert_eq!(said.as_deref(), Some("2026-11-21 04:44:35 UTC"));
        assert_eq!(moment(i64::MAX), None);
    }
}
