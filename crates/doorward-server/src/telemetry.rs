//! The log: lines for people, or one JSON object a line.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::failure::CommandFailure;
use crate::settings::{LogFormat, Settings};

/// Starts the log on standard error; standard output belongs to what commands answer.
pub(crate) fn start(settings: &Settings) -> Result<(), CommandFailure> {
    let echo = if settings.database_echo {
        ",doorward::sql=trace"
    } else {
        ""
    };
    let filter = EnvFilter::try_new(format!("{}{echo}", settings.log_filter))
        .map_err(|error| CommandFailure::settings(format!("LOG_LEVEL: {error}")))?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match settings.log_format {
        LogFormat::Text => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        LogFormat::Json => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_events(FmtSpan::NONE)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    };
    started.map_err(|error| CommandFailure::refused(error.to_string()))
}
