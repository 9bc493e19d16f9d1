//! How often something may be done.

use doorward::Rate;

/// A rate such as `5/minute`; `off` for as often as one likes.
pub(in crate::settings) fn rate(text: &str) -> Result<Option<Rate>, String> {
    if text.trim().eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error: doorward::InvalidRate| format!("{error}, or off"))
}
