//! The harness hands out databases that work, are empty and are not shared.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use doorward_tests::databases::{Kind, TestDatabase, has_server_programs, is_postgres_required};
use doorward_tests::{on_every_database, on_every_lasting_database};
use tempfile::TempDir;

on_every_database! {
    /// A table of the same name in both: neither sees the other's.
    async fn two_databases_are_apart(db) {
        let other = TestDatabase::create(db.kind()).unwrap();
        db.execute("create table marks (id bigint primary key)").await;
        other.execute("create table marks (id bigint primary key)").await;
    }
}

on_every_lasting_database! {
    async fn what_is_written_is_there_for_the_next_connection(db) {
        db.execute("create table marks (id bigint primary key)").await;
        db.execute("insert into marks values (1)").await;
        db.execute("update marks set id = 2 where id = 1").await;
    }
}

/// Not a test: the process that `a_killed_process_leaves_no_server` kills.
#[test]
#[ignore = "run by another test, which kills it"]
fn holds_a_server_until_killed() {
    let database = TestDatabase::create(Kind::Postgres).unwrap();
    println!("\nurl {}", database.url());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_killed_process_leaves_no_server() {
    if !has_server_programs() {
        return;
    }
    let folder = folder_for_everybody();
    let mut holder = hold_a_server(&folder);
    let url = BufReader::new(holder.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix("url ").map(str::to_owned));
    let Some(url) = url else {
        holder.wait().unwrap();
        assert!(!is_postgres_required(), "no server was started");
        return;
    };
    let address = url.split(['@', '/']).nth(3).unwrap().to_owned();
    TcpStream::connect(&address).expect("the server of the other process answers");

    holder.kill().unwrap();
    holder.wait().unwrap();

    wait_until("the server is gone", || {
        TcpStream::connect(&address).is_err()
    });
    wait_until("its folder is gone", || is_empty(&folder));
}

#[test]
fn a_process_killed_while_its_server_starts_leaves_none() {
    if !has_server_programs() {
        return;
    }
    let folder = folder_for_everybody();
    let mut holder = hold_a_server(&folder);
    wait_until("the server is being made, or cannot be", || {
        !is_empty(&folder) || holder.try_wait().unwrap().is_some()
    });

    holder.kill().unwrap();
    holder.wait().unwrap();

    wait_until("its folder is gone", || is_empty(&folder));
}

/// The server runs as another user where the tests run as root.
fn folder_for_everybody() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    folder
}

fn is_empty(folder: &TempDir) -> bool {
    folder.path().read_dir().unwrap().next().is_none()
}

/// Another process, with a server of its own in `folder`.
fn hold_a_server(folder: &TempDir) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("holds_a_server_until_killed")
        .env_remove("DOORWARD_TEST_POSTGRES_URL")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "30 seconds, and not yet: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
