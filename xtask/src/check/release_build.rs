//! The server builds with the release profile, and the built program serves.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use crate::release::{build_server, path_of};
use crate::shell::{output, program};

/// How long the program may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n";

/// Builds the server, asks it for its version, starts it, and sends it a health request.
pub(super) fn check() -> Result<(), String> {
    build_server()?;
    let path = path_of("doorward")?;
    let version = output(program(&path, &["--version"]))?;
    let size = fs::metadata(&path).map_err(|error| format!("{path}: {error}"))?;
    let megabytes = size.len() / 1_000_000;
    println!("   {}, {megabytes} MB", version.trim());

    let folder = std::env::temp_dir().join(format!("doorward-release-{}", std::process::id()));
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let outcome = serve_one_request(&path, &folder);
    let removed = fs::remove_dir_all(&folder);
    outcome.and(removed.map_err(|error| format!("{}: {error}", folder.display())))
}

fn serve_one_request(path: &str, folder: &Path) -> Result<(), String> {
    let mut command = program(path, &[]);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOST", "127.0.0.1")
        .env("PORT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut server = Server(command.spawn().map_err(|error| error.to_string())?);
    let stdout = server.0.stdout.take().ok_or("the server has no output")?;
    let answer = ask(wait_for_address(stdout)?).map_err(|error| error.to_string())?;
    if answer.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(format!("the server answered the health request: {answer}"))
    }
}

/// A running server, which ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for_address(stdout: ChildStdout) -> Result<SocketAddr, String> {
    BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| address_in(&line))
        .ok_or_else(|| "the server ended before it named its address".to_owned())
}

/// The address in the line `API       http://127.0.0.1:8000/api/v1`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let url = line.trim().strip_prefix("API ")?.trim();
    let authority = url.strip_prefix("http://")?.split('/').next()?;
    authority.parse().ok()
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(REQUEST)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_line_of_the_api() {
        let found = address_in("  API       http://127.0.0.1:8000/api/v1");
        assert_eq!(found, Some("127.0.0.1:8000".parse().unwrap()));
        assert_eq!(address_in("  Docs      http://127.0.0.1:8000/docs"), None);
    }
}
