//! The built server, started as a new user starts it.
//!
//! An [`Installation`] is an empty folder and the environment that a test sets in it, nothing
//! else: what the terminal of a developer exports does not reach the server. It serves
//! ([`Installation::start`]) and runs commands ([`Installation::run`]), and goes with the test.
//!
//! The program is the one of `DOORWARD_BIN`, or else the release build, brought up to date once
//! a test process.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

mod binary;
pub mod client;
mod output;
mod process;
mod running;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub use binary::path as binary_path;
pub use process::{Outcome, Process};
pub use running::Server;

/// The password of the first admin, where a test sets one.
pub const ADMIN_PASSWORD: &str = "an admin of the black-box suite";
/// The e-mail address of the first admin, unless a test sets another.
pub const ADMIN_EMAIL: &str = "admin@example.com";

/// A folder to start the server in, and the environment that it gets.
#[derive(Debug)]
pub struct Installation {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

impl Default for Installation {
    fn default() -> Self {
        Self::new()
    }
}

impl Installation {
    /// An empty folder and no settings, but for a port that the system chooses, and without
    /// rate limits: all that a test sends comes from one address.
    ///
    /// # Panics
    /// When the temporary folder can't be made.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-server-")
            .tempdir()
            .unwrap();
        Self {
            folder,
            environment: BTreeMap::new(),
        }
        .set("PORT", "0")
        .set("RATE_LIMIT_ENABLED", "false")
    }

    /// As [`Installation::new`], with [`ADMIN_PASSWORD`] for the first admin.
    #[must_use]
    pub fn with_admin() -> Self {
        Self::new().set("FIRST_SUPERUSER_PASSWORD", ADMIN_PASSWORD)
    }

    /// With this variable in the environment.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Without this variable in the environment.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// With the rate limits that a server has by default.
    #[must_use]
    pub fn with_rate_limits(self) -> Self {
        self.unset("RATE_LIMIT_ENABLED")
    }

    /// With passwords that cost next to nothing, for tests of something else.
    #[must_use]
    pub fn with_cheap_passwords(self) -> Self {
        self.set("PASSWORD_HASH_MEMORY_KIB", "8")
            .set("PASSWORD_HASH_ITERATIONS", "1")
    }

    /// With this file in the folder.
    ///
    /// # Panics
    /// When the file can't be written.
    #[must_use]
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    /// Where this file of the folder is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Panics
    /// When it does not, with all that it said.
    #[must_use]
    pub fn start(&self) -> Server {
        Server::when_ready(self.spawn(["serve"]))
    }

    /// Starts a command and does not wait for it.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn spawn<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Process {
        Process::start(self.command(arguments).stdin(Stdio::null()))
    }

    /// Starts a command whose standard output nobody reads: it is closed already.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn spawn_unread<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Process {
        Process::start_unread(self.command(arguments).stdin(Stdio::null()))
    }

    /// Runs a command to its end, without standard input.
    ///
    /// # Panics
    /// When it does not end in time.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        self.spawn(arguments).wait()
    }

    /// Runs a command to its end, with this on standard input.
    ///
    /// # Panics
    /// When it does not end in time.
    #[must_use]
    pub fn run_with_input<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Outcome {
        let mut process = Process::start(self.command(arguments).stdin(Stdio::piped()));
        // A command that needs no input may be gone already.
        let _ = process.take_input().write_all(input.as_bytes());
        process.wait()
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(binary::path());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.environment);
        command
    }
}
