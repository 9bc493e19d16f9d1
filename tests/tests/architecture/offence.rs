//! What breaks a rule, with what helps to correct it.

/// An offence against a rule of the architecture.
#[derive(Debug)]
pub(crate) struct Offence {
    line: String,
    details: Vec<String>,
}

impl Offence {
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn with_details(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }
}

/// Fails with one offence a line, its details below it.
#[track_caller]
pub(crate) fn assert_no_offence(rule: &str, offences: &[Offence]) {
    let lines: Vec<_> = offences
        .iter()
        .map(|Offence { line, details }| format!("{line}\n    {}", details.join("\n    ")))
        .collect();
    crate::assert_none(rule, &lines);
}
