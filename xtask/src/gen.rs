//! `cargo xtask gen`: the reference pages that are made from the code.

use std::fs;

use crate::shell::{cargo, output, root};

/// A page, and the cargo command that prints it.
struct Page {
    path: &'static str,
    command: &'static [&'static str],
}

const PAGES: [Page; 2] = [
    Page {
        path: "docs/reference/settings.md",
        command: &[
            "run",
            "--quiet",
            "--package",
            "doorward-server",
            "--",
            "config",
            "--reference",
        ],
    },
    Page {
        path: "docs/reference/problems.md",
        command: &[
            "run",
            "--quiet",
            "--package",
            "doorward-axum",
            "--example",
            "problem_codes",
        ],
    },
];

/// Writes the pages.
pub(crate) fn run() -> Result<(), String> {
    for page in &PAGES {
        let text = output(cargo(page.command))?;
        fs::write(root().join(page.path), text)
            .map_err(|error| format!("{}: {error}", page.path))?;
        println!("wrote {}", page.path);
    }
    Ok(())
}

/// Whether the pages in the tree are those that would be written.
pub(crate) fn check() -> Result<(), String> {
    for page in &PAGES {
        let made = output(cargo(page.command))?;
        let found = fs::read_to_string(root().join(page.path)).unwrap_or_default();
        if made != found {
            return Err(format!(
                "{} is out of date: run `cargo xtask gen`",
                page.path
            ));
        }
    }
    Ok(())
}
