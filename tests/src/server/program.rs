//! A program in a folder of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::process::{Outcome, Process};
use super::running::Server;
use crate::databases::TestDatabase;

/// The secret of [`Program::on`].
pub const SECRET_KEY: &str = "a secret key of the black-box suites";

/// A program, an empty folder to start it in, and the environment that it gets: what the
/// terminal of a developer exports does not reach it.
///
/// A test of an example starts what cargo built for it:
///
/// ```ignore
/// use doorward_tests::on_every_lasting_database;
/// use doorward_tests::server::Program;
///
/// on_every_lasting_database! {
///     async fn whoever_asks_is_greeted(db) {
///         let app = Program::on(env!("CARGO_BIN_EXE_example-greeter"), db).start();
///         let greeting = app.http().get("/greeting").await.expect(200);
///         assert_eq!(greeting["message"], "Hello");
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

impl Program {
    /// This program, an empty folder, and no environment at all.
    ///
    /// # Panics
    /// When the temporary folder can't be made.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-program-")
            .tempdir()
            .unwrap();
        Self {
            path: path.into(),
            folder,
            environment: BTreeMap::new(),
        }
    }

    /// An app that embeds the library, on this database: with the settings that all examples
    /// have, and a port that the system chooses.
    #[must_use]
    pub fn on(path: impl Into<PathBuf>, database: &TestDatabase) -> Self {
        Self::new(path)
            .set("HOST", "127.0.0.1")
            .set("PORT", "0")
            .set("DATABASE_URL", database.url())
            .set("SECRET_KEY", SECRET_KEY)
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

    /// Starts it without arguments, and waits until it says `listening on http://ADDRESS`.
    ///
    /// # Panics
    /// When it does not, with all that it said.
    #[must_use]
    pub fn start(&self) -> Server {
        Server::when_listening(self.spawn::<&str>([]))
    }

    /// Starts it and does not wait for it.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn spawn<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Process {
        Process::start(self.command(arguments).stdin(Stdio::null()))
    }

    /// Starts it; nobody reads its standard output, which is closed already.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn spawn_unread<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Process {
        Process::start_unread(self.command(arguments).stdin(Stdio::null()))
    }

    /// Runs it to its end, without standard input.
    ///
    /// # Panics
    /// When it does not end in time.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        self.spawn(arguments).wait()
    }

    /// Runs it to its end, with this on standard input.
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
        // A program that needs no input may be gone already.
        let _ = process.take_input().write_all(input.as_bytes());
        process.wait()
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.environment);
        command
    }
}
