//! A PostgreSQL server that lives exactly as long as this test process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Runs the server; removes it when its standard input ends.
const WATCHDOG: &str = include_str!("own_server.sh");

/// Where systems keep the programs that are not on the search path.
const FOLDERS: [&str; 5] = [
    "/usr/lib/postgresql",
    "/usr/local/pgsql",
    "/usr/pgsql",
    "/opt/homebrew/opt",
    "/usr/local/opt",
];

const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Another process may take the port between our look and PostgreSQL's start.
const ATTEMPTS: usize = 3;

#[derive(Debug)]
pub(super) struct OwnServer {
    url: String,
    /// Holds the pipe whose end tells the watchdog that we have ended.
    _watchdog: Child,
}

impl OwnServer {
    pub(super) fn start(programs: &Path, password: &str) -> Result<Self, String> {
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port().map_err(|error| format!("no free port: {error}"))?;
            match watch(programs, port, password) {
                Ok(watchdog) => {
                    return Ok(Self {
                        url: format!(
                            "postgres://postgres:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
                        ),
                        _watchdog: watchdog,
                    });
                }
                Err(error) => reason = error,
            }
        }
        Err(format!(
            "the server of {} did not start: {reason}",
            programs.display()
        ))
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// The folder of the newest server programs on this machine.
pub(super) fn find_programs() -> Option<PathBuf> {
    let on_path = search_path().into_iter().find_map(|folder| {
        // Follow a link: the other programs are beside its target.
        let program = folder.join("initdb").canonicalize().ok()?;
        program.parent().map(Path::to_path_buf)
    });
    on_path
        .into_iter()
        .chain(FOLDERS.iter().flat_map(|folder| installed_below(folder)))
        .find(|folder| PROGRAMS.iter().all(|name| folder.join(name).is_file()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the search path says where programs are"
)]
fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map_or_else(Vec::new, |path| std::env::split_paths(&path).collect())
}

/// `folder/bin` and `folder/*/bin`, the highest version first.
fn installed_below(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(version_of(path)));
    found.insert(0, PathBuf::from(folder));
    found.into_iter().map(|path| path.join("bin")).collect()
}

/// The number at the end of `…/16` or `…/postgresql@16`; 0 where there is none.
fn version_of(path: &Path) -> u32 {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let digits = name.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Starts the watchdog and waits until its server answers, or tells why not.
fn watch(programs: &Path, port: u16, password: &str) -> Result<Child, String> {
    let mut watchdog = command(programs, port)?
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    if let Some(input) = &mut watchdog.stdin {
        // A watchdog that has already failed says why on its output.
        let _ = writeln!(input, "{password}");
    }
    let mut reason = String::new();
    for line in BufReader::new(watchdog.stdout.take().ok_or("no pipe")?).lines() {
        match line.map_err(|error| error.to_string())?.as_str() {
            "ready" => return Ok(watchdog),
            line => reason = format!("{reason}\n  {line}"),
        }
    }
    let _ = watchdog.wait();
    Err(reason)
}

fn command(programs: &Path, port: u16) -> Result<Command, String> {
    let mut command = Command::new("sh");
    command
        .args(["-c", WATCHDOG, "doorward-postgres"])
        .arg(programs)
        .arg(port.to_string())
        .env("LC_ALL", "C")
        .current_dir("/")
        // Ctrl-C on the terminal ends the tests, not the one who cleans up.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // PostgreSQL refuses to run as root.
    if rustix::process::geteuid().is_root() {
        let (user, group) = find_lesser_user()
            .ok_or("PostgreSQL does not run as root, and there is no other user")?;
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// User and group numbers of `postgres`, else of `nobody`.
fn find_lesser_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let entry = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(name))?;
        Some((entry.get(2)?.parse().ok()?, entry.get(3)?.parse().ok()?))
    })
}
