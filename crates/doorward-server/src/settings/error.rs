//! What is wrong with the settings, all of it at once.

/// One fault: what it concerns, and what was expected there.
///
/// `Display` is one line, `PORT (.env line 3): expected …`, and never holds a secret value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {message}")]
pub(crate) struct Problem {
    /// The name of the setting as written and its layer, or the file and line.
    pub(crate) subject: String,
    /// What was expected, and what to do.
    pub(crate) message: String,
}

impl Problem {
    pub(super) fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            message: message.into(),
        }
    }
}

/// The settings cannot be used. `Display` has one line for each fault, in the order of the layers
/// and then of the reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub(crate) struct SettingsErrors {
    problems: Vec<Problem>,
}

impl SettingsErrors {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    fn text(&self) -> String {
        let lines: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        lines.join("\n")
    }
}
