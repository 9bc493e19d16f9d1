//! The built server, started as a new user starts it.
//!
//! An [`Installation`] is an empty folder and the environment that a test sets in it, nothing
//! else: what the terminal of a developer exports does not reach the server. It serves
//! ([`Installation::start`]) and runs commands ([`Program::run`]), and goes with the test.
//!
//! The program is the one of `DOORWARD_BIN`, or else the development build, brought up to date
//! once a test process. Any other one, such as an example, is started as a [`Program`].
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

mod binary;
pub mod client;
mod output;
mod process;
mod program;
mod readme;
mod running;

use std::ops::Deref;

pub use binary::path as binary_path;
pub use process::{Outcome, Process};
pub use program::{Program, SECRET_KEY};
pub use running::Server;

/// The password of the first admin, where a test sets one.
pub const ADMIN_PASSWORD: &str = "an admin of the black-box suite";
/// The e-mail address of the first admin, unless a test sets another.
pub const ADMIN_EMAIL: &str = "admin@example.com";

/// A folder to start the server in, and the environment that it gets. What a [`Program`] can
/// do, this can.
#[derive(Debug)]
pub struct Installation(Program);

impl Deref for Installation {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.0
    }
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
        Self(Program::new(binary::path()))
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
    pub fn set(self, name: &str, value: impl Into<String>) -> Self {
        Self(self.0.set(name, value))
    }

    /// Without this variable in the environment.
    #[must_use]
    pub fn unset(self, name: &str) -> Self {
        Self(self.0.unset(name))
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
        Self(self.0.file(name, content))
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Panics
    /// When it does not, with all that it said.
    #[must_use]
    pub fn start(&self) -> Server {
        Server::when_ready(self.spawn(["serve"]))
    }
}
