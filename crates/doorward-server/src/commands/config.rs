//! `doorward config`

use crate::failure::CommandFailure;
use crate::output;
use crate::settings::Settings;

/// Prints every setting with where it came from.
pub(crate) fn config(settings: &Settings, json: bool) -> Result<(), CommandFailure> {
    let report = settings.report();
    if json {
        return output::json(&report);
    }
    let width = report.iter().map(|line| line.name.len()).max().unwrap_or(0);
    for line in report {
        let value = line.value.as_deref().unwrap_or("(none)");
        let written_as = line.written_as.as_ref().map(|name| format!(" as {name}"));
        let note = line.note.as_ref().map(|note| format!("; {note}"));
        output::line(format_args!(
            "{:width$}  {value}  [{}{}{}]",
            line.name,
            line.source,
            written_as.unwrap_or_default(),
            note.unwrap_or_default(),
        ));
    }
    for warning in &settings.warnings {
        output::note(format_args!("warning: {warning}"));
    }
    Ok(())
}
