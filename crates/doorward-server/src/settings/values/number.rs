//! Numbers and durations, each with its range, and rates.

use std::ops::RangeInclusive;
use std::time::Duration;

use doorward::{InvalidRate, Rate};

/// Reads a whole number within `range`.
pub(in crate::settings) fn whole<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let number = text.trim().parse::<u64>().ok();
        number
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                format!(
                    "expected a whole number from {} to {}",
                    range.start(),
                    range.end()
                )
            })
    }
}

/// Reads whole seconds within `range`.
pub(in crate::settings) fn seconds(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> {
    duration(range, 1)
}

/// Reads whole minutes within `range`.
pub(in crate::settings) fn minutes(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> {
    duration(range, 60)
}

/// Reads whole hours within `range`.
pub(in crate::settings) fn hours(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> {
    duration(range, 60 * 60)
}

/// Reads whole days within `range`.
pub(in crate::settings) fn days(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> {
    duration(range, 24 * 60 * 60)
}

fn duration(
    range: RangeInclusive<u64>,
    unit_seconds: u64,
) -> impl Fn(&str) -> Result<Duration, String> {
    let read = whole::<u64>(range);
    move |text| read(text).map(|count| Duration::from_secs(count.saturating_mul(unit_seconds)))
}

/// Reads whole days up to `most`; 0 means for ever.
pub(in crate::settings) fn days_or_for_ever(
    most: u64,
) -> impl Fn(&str) -> Result<Option<Duration>, String> {
    let read = days(0..=most);
    move |text| {
        let days = read(text).map_err(|expected| format!("{expected}, where 0 means for ever"))?;
        Ok((!days.is_zero()).then_some(days))
    }
}

/// Reads seconds with a fraction, rounded to the millisecond.
pub(in crate::settings) fn milliseconds(
    range: RangeInclusive<f64>,
) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let number = text
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| range.contains(number));
        number
            .and_then(|number| Duration::try_from_secs_f64((number * 1000.0).round() / 1000.0).ok())
            .ok_or_else(|| {
                format!(
                    "expected a number of seconds from {} to {}",
                    range.start(),
                    range.end()
                )
            })
    }
}

/// Reads the maximum lifetime of a connection; -1 means for ever, as in SQLAlchemy.
pub(in crate::settings) fn recycle(text: &str) -> Result<Option<Duration>, String> {
    if text.trim() == "-1" {
        return Ok(None);
    }
    seconds(1..=604_800)(text)
        .map(Some)
        .map_err(|expected| format!("{expected}, or -1 for never"))
}

/// Reads a rate such as `5/minute`; `off` means unlimited.
pub(in crate::settings) fn rate(text: &str) -> Result<Option<Rate>, String> {
    if text.trim().eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error: InvalidRate| format!("{error}, or off"))
}
