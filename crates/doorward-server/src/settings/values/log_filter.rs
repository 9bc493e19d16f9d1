//! How much is logged.

use tracing_subscriber::EnvFilter;

const EXPECTED: &str = "expected trace, debug, info, warn, error or off, one of Python's names \
                        (WARNING, CRITICAL), or a filter like info,doorward=debug";

/// A filter that `EnvFilter` accepts; Python's names of levels are translated.
pub(in crate::settings) fn log_filter(text: &str) -> Result<String, String> {
    let text = text.trim();
    if let Some(level) = level(text) {
        return Ok(level.to_owned());
    }
    // A word alone would be taken for the name of a module: a mistyped level that logs nothing.
    let bare_word = text
        .split(',')
        .any(|part| !part.contains(['=', '[']) && level(part.trim()).is_none());
    if bare_word || EnvFilter::builder().parse(text).is_err() {
        return Err(EXPECTED.to_owned());
    }
    Ok(text.to_owned())
}

fn level(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "trace" | "notset" => "trace",
        "debug" => "debug",
        "info" => "info",
        "warn" | "warning" => "warn",
        "error" | "critical" | "fatal" => "error",
        "off" => "off",
        _ => return None,
    })
}
