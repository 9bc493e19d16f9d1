//! A server that serves.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use super::client::{API, Http};
use super::process::{Outcome, PATIENCE, Process};
use super::{ADMIN_EMAIL, ADMIN_PASSWORD, readme};

/// How often a server is asked whether it lives.
const LOOK: Duration = Duration::from_millis(10);

/// A server that answers. What a [`Process`] can do, this can.
#[derive(Debug)]
pub struct Server {
    process: Process,
    address: SocketAddr,
    prefix: &'static str,
}

impl Deref for Server {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Server {
    /// Waits until the process says where it serves, and answers there.
    pub(super) fn when_ready(process: Process) -> Self {
        let Some(address) = process.wait_for_stdout(told_address) else {
            panic!("the server did not start: {:#?}", process.wait());
        };
        let deadline = Instant::now() + PATIENCE;
        while !is_alive(address) {
            assert!(Instant::now() < deadline, "not alive: {process:#?}");
            std::thread::sleep(LOOK);
        }
        Self {
            process,
            address,
            prefix: API,
        }
    }

    /// Waits until the process, whose API stands at the root, says where it listens.
    pub(super) fn when_listening(process: Process) -> Self {
        let Some(address) = process.wait_for_stdout(listening_address) else {
            panic!("the program did not start: {:#?}", process.wait());
        };
        Self {
            process,
            address,
            prefix: "",
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client of it, without a token.
    #[must_use]
    pub fn http(&self) -> Http {
        Http::new(self.address, self.prefix)
    }

    /// A client of it with the access token of the first admin of
    /// [`Installation::with_admin`](super::Installation::with_admin).
    ///
    /// # Panics
    /// When the login fails.
    pub async fn admin(&self) -> Http {
        self.http().login(ADMIN_EMAIL, ADMIN_PASSWORD).await.http
    }

    /// Does what a readme says, with this server in the place of the documented
    /// `http://127.0.0.1:8000`, and answers with what it wrote: each block of commands (`sh`)
    /// but those that start the program. `None` where there is no curl on this machine.
    ///
    /// # Panics
    /// When a command fails, or there is none.
    #[must_use]
    pub fn walk(&self, readme: &str) -> Option<String> {
        readme::walk(readme, self.address)
    }

    /// Waits for its end, as [`Process::wait`].
    #[must_use]
    pub fn wait(self) -> Outcome {
        self.process.wait()
    }

    /// Asks it to end, and waits.
    ///
    /// # Panics
    /// When it does not end, or not with code 0.
    pub fn stop(self) -> Outcome {
        self.terminate();
        let outcome = self.wait();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome
    }
}

/// The address in the line `API       http://127.0.0.1:8000/api/v1`.
fn told_address(stdout: &str) -> Option<SocketAddr> {
    let (_, rest) = stdout.split_once("  API ")?;
    let (line, _) = rest.split_once('\n')?;
    let authority = line.trim().strip_prefix("http://")?;
    authority.split('/').next()?.parse().ok()
}

/// The address in the line `listening on http://127.0.0.1:8000`.
fn listening_address(stdout: &str) -> Option<SocketAddr> {
    let (_, rest) = stdout.split_once("listening on http://")?;
    let (address, _) = rest.split_once('\n')?;
    address.trim().parse().ok()
}

fn is_alive(address: SocketAddr) -> bool {
    ask_for_life(address).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

fn ask_for_life(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
