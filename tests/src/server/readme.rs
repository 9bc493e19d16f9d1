//! The commands of a readme, as a newcomer types them.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

/// Where readmes say that a program listens.
const DOCUMENTED: &str = "http://127.0.0.1:8000";

/// What the commands wrote on standard output; `None` where this machine can't run them, which
/// is said on the terminal.
pub(super) fn walk(readme: &str, address: SocketAddr) -> Option<String> {
    let commands = commands_in(readme);
    assert!(commands.contains(DOCUMENTED), "no commands: {readme}");
    if let Err(error) = Command::new("curl").arg("--version").output() {
        let _ = writeln!(std::io::stderr(), "readme: skipped, no curl: {error}");
        return None;
    }
    let commands = commands.replace(DOCUMENTED, &format!("http://{address}"));
    let walk = Command::new("sh")
        .args(["-eu", "-c", &commands])
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(walk.status.success(), "{walk:#?}");
    Some(String::from_utf8(walk.stdout).unwrap())
}

/// All blocks of commands but those that start the program.
fn commands_in(readme: &str) -> String {
    let blocks = readme.split("```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| !block.contains("cargo run"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_commands_but_the_start_are_run() {
        let readme = "# A\n```sh\ncargo run\n```\n```sh\ncurl a\n```\nb\n```sh\ncurl c\n```\n";
        assert_eq!(commands_in(readme), "curl a\ncurl c\n");
    }
}
