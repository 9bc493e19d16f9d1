//! The commands of the readme, word for word.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use doorward_tests::databases::{self, Kind};
use doorward_tests::server::Program;

const README: &str = include_str!("../README.md");

/// The commands for the other terminal.
fn commands() -> &'static str {
    let (_, rest) = README
        .split_once("In another terminal:\n\n```sh\n")
        .unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    databases::run(Kind::SqliteFile, async |db| {
        let app = Program::on(env!("CARGO_BIN_EXE_example-existing-app"), db).start();
        let address = app.address().to_string();
        let script = commands().replace("127.0.0.1:8000", &address);
        let ran = Command::new("sh").args(["-ec", &script]).output().unwrap();
        let told = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.success(), "{told}");

        let answers: Vec<&str> = told.split_inclusive(['}', ']']).collect();
        let [member, note, listed @ .., refused] = &answers[..] else {
            panic!("{told}");
        };
        assert!(member.contains("\"workspace_id\":1"), "{told}");
        assert!(note.contains("\"text\":\"Buy tea\""), "{told}");
        assert_eq!(listed.concat(), format!("[{note}]"));
        assert!(refused.contains("insufficient_privileges"), "{told}");
    });
}
