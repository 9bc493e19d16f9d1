//! One process of the program.

use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::output::Output;

/// How long anything may take that takes a moment on an idle machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether a process has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A process of the program; killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

/// How a process ended, and all that it said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Process {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdout: Output::of(child.stdout.take().unwrap()),
            stderr: Output::of(child.stderr.take().unwrap()),
            child,
        }
    }

    pub(super) fn start_unread(command: &mut Command) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdout: Output::of(std::io::empty()),
            stderr: Output::of(child.stderr.take().unwrap()),
            child,
        }
    }

    pub(super) fn take_input(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// What it has said on standard output up to now.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has said on standard error up to now.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What `find` finds on standard output, as soon as it is there; `None` when the process
    /// has nothing more to say.
    pub fn wait_for_stdout<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.stdout.wait_for(Instant::now() + PATIENCE, find)
    }

    /// Waits until it has said this on standard error.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_for_stderr(&self, text: &str) {
        let found = self.stderr.wait_for(Instant::now() + PATIENCE, |said| {
            said.contains(text).then_some(())
        });
        assert!(found.is_some(), "never said {text:?}: {}", self.stderr());
    }

    /// Asks it to end, as service managers do.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Asks it to end, as Ctrl-C on its terminal does.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Ends it on the spot, as a power failure would, and waits until it is gone.
    ///
    /// # Panics
    /// When that can't be done.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its process number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still there.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn signal(&self, signal: Signal) {
        // One that has ended is not waited for yet, so that its number is still its own.
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end in time, with all that it said.
    #[must_use]
    pub fn wait(mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Outcome {
                    code: status.code(),
                    stdout: self.stdout.read_to_end(),
                    stderr: self.stderr.read_to_end(),
                };
            }
            assert!(Instant::now() < deadline, "did not end: {self:#?}");
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Outcome {
    /// Standard output of a command that succeeded.
    ///
    /// # Panics
    /// When it did not.
    pub fn ok(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:#?}");
        &self.stdout
    }

    /// Standard output of a command that succeeded, as JSON.
    ///
    /// # Panics
    /// When it did not, or wrote something else.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.ok()).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The message of a command that failed with this code and said nothing else.
    ///
    /// # Panics
    /// When it succeeded, failed with another code, answered something or panicked.
    pub fn failure(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        self.stderr
            .split("doorward: ")
            .last()
            .map(str::trim_end)
            .unwrap()
    }
}
