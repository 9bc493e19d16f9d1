//! A server to measure, in a folder of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::cores::on_server_core;

/// The name of the admin that a measured server makes.
pub const EMAIL: &str = "admin@example.com";
/// The password of that admin.
pub const PASSWORD: &str = "a password for measuring";

/// A running program that is ended when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Kept open, so that the program can go on printing.
    _output: BufReader<ChildStdout>,
    /// Where it listens: `127.0.0.1:port`.
    pub address: String,
    /// How long its first answer took.
    pub started_in: Duration,
}

impl Server {
    /// Starts the bare axum server: this program, told `hello`.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn hello() -> Outcome<Self> {
        let own = std::env::current_exe()?;
        let mut command = on_server_core(own.to_str().ok_or("a path that is not text")?);
        let mut child = command.arg("hello").stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut address = String::new();
        output.read_line(&mut address)?;
        let address = address.trim().to_owned();
        Ok(Self {
            child,
            _output: output,
            address,
            started_in: Duration::ZERO,
        })
    }

    /// Starts Doorward in this folder, and waits for its first answer.
    ///
    /// # Errors
    /// Where it does not start, or does not answer within ten seconds.
    pub fn doorward(program: &str, folder: &Path) -> Outcome<Self> {
        Self::doorward_with(program, folder, &[])
    }

    /// Starts Doorward with these settings beside those of every measurement.
    ///
    /// # Errors
    /// Where it does not start, or does not answer within ten seconds.
    pub fn doorward_with(program: &str, folder: &Path, settings: &[(&str, &str)]) -> Outcome<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let address = format!("127.0.0.1:{port}");
        let start = Instant::now();
        let mut child = on_server_core(program)
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("PORT", port.to_string())
            .env("FIRST_SUPERUSER_EMAIL", EMAIL)
            .env("FIRST_SUPERUSER_PASSWORD", PASSWORD)
            .env("LOG_LEVEL", "warning")
            .env("SLOW_REQUEST_SECONDS", "60")
            // All load comes from one address.
            .env("RATE_LIMIT_ENABLED", "false")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        wait_for_answer(&address, &mut child)?;
        Ok(Self {
            child,
            _output: output,
            address,
            started_in: start.elapsed(),
        })
    }

    /// Resident memory in MiB, and the most that it ever was.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory(&self) -> Outcome<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| -> Outcome<f64> {
            let line = status
                .lines()
                .find(|line| line.starts_with(name))
                .ok_or("no such line")?;
            let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
            Ok(kib / 1024.0)
        };
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for_answer(address: &str, child: &mut Child) -> Outcome<()> {
    use std::io::{Read as _, Write as _};

    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = child.try_wait()? {
            return Err(format!("the server ended with {status}").into());
        }
        if let Ok(mut stream) = std::net::TcpStream::connect(address) {
            stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            if answer.starts_with("HTTP/1.1 200") {
                return Ok(());
            }
        }
        if Instant::now() > deadline {
            return Err("the server does not answer".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
