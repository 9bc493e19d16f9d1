//! `cargo xtask check`: what must hold before a commit, the quickest first.

mod dependencies;
mod features;
mod packages;
mod policy;
mod release_build;

use std::time::Instant;

use crate::shell::{cargo, run as run_program};

/// One thing that must hold.
struct Step {
    name: &'static str,
    says: &'static str,
    run: fn() -> Result<(), String>,
}

/// The tests come last, so that their summaries end the output.
const STEPS: [Step; 9] = [
    Step {
        name: "fmt",
        says: "the sources are formatted",
        run: || run_program(cargo(&["fmt", "--all", "--check"])),
    },
    Step {
        name: "dependencies",
        says: "licences, bans and sources are those of deny.toml",
        run: dependencies::check,
    },
    Step {
        name: "packages",
        says: "the libraries are described and packed whole, and nothing else is published",
        run: packages::check,
    },
    Step {
        name: "clippy",
        says: "no warnings with all features",
        run: clippy,
    },
    Step {
        name: "features",
        says: "the libraries compile with no features, with each alone, and with all",
        run: features::check,
    },
    Step {
        name: "docs",
        says: "the documentation builds without warnings",
        run: docs,
    },
    Step {
        name: "generated",
        says: "the reference pages are those that the code makes",
        run: crate::r#gen::check,
    },
    Step {
        name: "release",
        says: "the release build of the server answers a request",
        run: release_build::check,
    },
    Step {
        name: "test",
        says: "cargo test --workspace",
        run: || run_program(cargo(&["test", "--workspace"])),
    },
];

/// Runs the named steps, or all; stops at the first that fails.
pub(crate) fn run(names: &[String]) -> Result<(), String> {
    if names.iter().any(|name| name == "--list") {
        for step in &STEPS {
            println!("{:14}{}", step.name, step.says);
        }
        return Ok(());
    }
    let mut times = Vec::new();
    for step in chosen(names)? {
        if step.name == "test" && !times.is_empty() {
            println!("{}", table_of(&times));
        }
        println!("== {}: {}", step.name, step.says);
        let start = Instant::now();
        (step.run)().map_err(|fault| {
            let seconds = start.elapsed().as_secs_f32();
            format!("step `{}` failed after {seconds:.1} s: {fault}", step.name)
        })?;
        let seconds = start.elapsed().as_secs_f32();
        if step.name != "test" {
            println!("   held, {seconds:.1} s");
        }
        times.push((step.name, seconds));
    }
    Ok(())
}

/// The times of the steps in one line.
fn table_of(times: &[(&str, f32)]) -> String {
    let cells: Vec<_> = times
        .iter()
        .map(|(name, seconds)| format!("{name} {seconds:.1} s"))
        .collect();
    format!("== times: {}", cells.join(", "))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Step>, String> {
    if names.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            STEPS
                .iter()
                .find(|step| step.name == name)
                .ok_or_else(|| format!("no step `{name}`; `cargo xtask check --list` names them"))
        })
        .collect()
}

fn clippy() -> Result<(), String> {
    run_program(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ]))
}

fn docs() -> Result<(), String> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run_program(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_names_every_step_is_run_and_the_tests_last() {
        let names: Vec<_> = chosen(&[]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names.len(), STEPS.len());
        assert_eq!(names.last(), Some(&"test"));
    }

    #[test]
    fn the_times_stand_in_one_line() {
        let line = table_of(&[("fmt", 1.23), ("clippy", 60.0)]);
        assert_eq!(line, "== times: fmt 1.2 s, clippy 60.0 s");
    }

    #[test]
    fn an_unknown_step_is_an_error() {
        assert!(chosen(&["fmt".to_owned()]).is_ok());
        assert!(chosen(&["fmt".to_owned(), "fnt".to_owned()]).is_err());
    }
}
