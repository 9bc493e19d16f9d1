//! Python's usual clients, against the running server: `tests/python/client_walk.py`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use doorward_tests::server::Installation;

/// Names an interpreter that has the packages.
const PYTHON: &str = "DOORWARD_TEST_PYTHON";
/// Makes it a failure that there is none.
const REQUIRE: &str = "DOORWARD_REQUIRE_PYTHON";
const PACKAGES: &str = "import requests, httpx, jwt";

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says which interpreter is used"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The interpreter; `None` where there is none and none is required, which is said on the
/// terminal.
fn find_python() -> Option<String> {
    let named = variable(PYTHON);
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let reason = match Command::new(&python).args(["-c", PACKAGES]).output() {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            said.lines().last().unwrap_or("it fails").to_owned()
        }
        Err(error) => error.to_string(),
    };
    let reason = format!("{python} with requests, httpx and PyJWT: {reason}");
    assert!(
        named.is_none() && variable(REQUIRE).is_none(),
        "there must be a {reason}"
    );
    // Past the capture of test output: what was skipped must be seen.
    let _ = writeln!(
        std::io::stderr(),
        "server: Python client skipped, no {reason} ({PYTHON} names another)"
    );
    None
}

#[test]
fn python_walks_through_and_reads_our_tokens() {
    const KEY: &str = "a key that the Python service has as well, 32 bytes or more";
    let Some(python) = find_python() else {
        return;
    };
    let place = Installation::new().set("SECRET_KEY", KEY);
    let server = place.start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/client_walk.py");
    let walk = Command::new(python)
        // No files beside the script, no proxy of the machine.
        .args(["-B", "-W", "error::DeprecationWarning"])
        .arg(script)
        .arg(format!("http://{}/api/v1", server.address()))
        .arg(KEY)
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&walk.stderr);
    assert!(walk.status.success(), "{said}\n{}", server.stderr());
}
