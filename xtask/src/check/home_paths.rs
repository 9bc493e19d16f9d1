//! Nobody's home folder belongs into the repository: such a path works on one
//! machine, and tells whose.

use crate::shell::{output, program, root};

/// Written in two halves, or this file would be found itself.
const HOMES: [&str; 4] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!(":\\Us", "ers\\"),
];

/// Looks through every tracked file.
pub(super) fn check() -> Result<(), String> {
    if !root().join(".git").exists() {
        println!("   skipped: this is not a git checkout");
        return Ok(());
    }
    // On a build machine the checkout may belong to another user.
    let list = ["-c", "safe.directory=*", "ls-files", "-z"];
    let files = output(program("git", &list))?;
    let mut found = Vec::new();
    for file in files.split_terminator('\0') {
        // A tracked file may be deleted, or be a link to a folder.
        let Ok(bytes) = std::fs::read(root().join(file)) else {
            continue;
        };
        for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if let Some(path) = find_home(line) {
                found.push(format!("{file}:{}: {path}", number + 1));
            }
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "home folders are named in\n  {}",
            found.join("\n  ")
        ))
    }
}

/// The first absolute path into a home folder; `…/app/home/x` is none.
fn find_home(line: &str) -> Option<&str> {
    HOMES.iter().find_map(|home| {
        line.match_indices(home).find_map(|(at, _)| {
            let inside_a_path =
                line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}".contains(c));
            let drive = home.starts_with(':');
            let rest = &line[at..];
            let named = rest[home.len()..]
                .starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_');
            let end = rest
                .find(|c: char| c.is_whitespace() || "\"'`)".contains(c))
                .unwrap_or(rest.len());
            (named && (drive || !inside_a_path)).then(|| &rest[..end])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folders_are_found() {
        for home in HOMES {
            let line = format!("path = \"{home}someone/x\" # why");
            assert_eq!(find_home(&line), Some(&*format!("{home}someone/x")));
        }
    }

    #[test]
    fn other_paths_are_not() {
        for line in [
            "https://example.com/users/me",
            concat!("https://example.com/ho", "me/page"),
            concat!("$ref: \"#/paths/~1Us", "ers/x\""),
            "a folder below /home",
        ] {
            assert_eq!(find_home(line), None, "{line}");
        }
    }
}
