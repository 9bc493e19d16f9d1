//! Times on the wire: RFC 3339 in UTC.

use doorward::Timestamp;

/// The moment as RFC 3339 text in UTC, to the millisecond.
///
/// ```
/// use doorward::Timestamp;
/// use doorward_axum::rfc3339;
///
/// assert_eq!(rfc3339(Timestamp::from_millis(1_500)), "1970-01-01T00:00:01.5Z");
/// ```
pub fn rfc3339(moment: Timestamp) -> String {
    // Beyond jiff's range, some 9999 years on either side, there is no such text.
    jiff::Timestamp::from_millisecond(moment.as_millis())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_utc_to_the_millisecond() {
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_500)),
            "1970-01-01T00:00:01.5Z"
        );
        assert_eq!(rfc3339(Timestamp::from_millis(0)), "1970-01-01T00:00:00Z");
    }
}
