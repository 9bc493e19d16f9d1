//! The rules of the settings, each test in a folder and an environment of its own.

mod captcha;
mod database;
mod dotenv;
mod errors;
mod layers;
mod mail;
mod names;
mod passwords;
mod production;
mod provision;
mod reporting;
mod seeds;
mod values;

use std::ffi::OsString;

use tempfile::TempDir;

use super::{ReportLine, Settings, Sources};

/// 32 bytes that are no sample.
const GOOD_KEY: &str = "5f0c1e7b9a3d4c2e8f6a7b1c0d9e8f7a";

/// The variables that a test sets, and a folder with the files that it writes.
struct Case {
    folder: TempDir,
    environment: Vec<(OsString, OsString)>,
}

impl Case {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            environment: Vec::new(),
        }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        std::fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    fn sources(&self) -> Sources {
        Sources::new(self.environment.clone(), self.folder.path(), 6)
    }

    fn load(&self) -> Settings {
        Settings::load(&self.sources()).unwrap()
    }

    fn load_for_command(&self) -> Settings {
        Settings::load_for_command(&self.sources()).unwrap()
    }

    /// The lines of the error.
    fn refusal(&self) -> String {
        Settings::load(&self.sources()).unwrap_err().to_string()
    }
}

/// The settings with one variable and nothing else.
fn with(name: &str, value: &str) -> Settings {
    Case::new().variable(name, value).load()
}

/// The error with one variable and nothing else.
fn refused(name: &str, value: &str) -> String {
    Case::new().variable(name, value).refusal()
}

fn line<'a>(settings: &'a Settings, name: &str) -> &'a ReportLine {
    settings
        .report()
        .iter()
        .find(|line| line.name == name)
        .unwrap()
}

/// The value and the layer of one setting, as `doorward config` shows them.
fn shown(settings: &Settings, name: &str) -> String {
    let line = line(settings, name);
    format!(
        "{} from {}",
        line.value.as_deref().unwrap_or("nothing"),
        line.source
    )
}
