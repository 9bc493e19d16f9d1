//! Names that say nothing.

use crate::assert_none;
use crate::source::{SourceFile, list_sources};

/// Everything we write in Rust.
fn all_sources() -> Vec<&'static SourceFile> {
    ["crates", "tests", "benches", "examples", "xtask"]
        .into_iter()
        .flat_map(list_sources)
        .collect()
}

#[test]
fn no_module_is_a_drawer_for_odds_and_ends() {
    let offenders: Vec<_> = all_sources()
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| {
            let module = path.strip_suffix(".rs").unwrap();
            module.split('/').any(|part| {
                matches!(
                    part,
                    "helper" | "helpers" | "misc" | "util" | "utils" | "shared"
                )
            })
        })
        .map(str::to_owned)
        .collect();
    assert_none("name a module after what it holds", &offenders);
}

#[test]
fn auth_is_authn_or_authz() {
    let offenders: Vec<_> = all_sources()
        .iter()
        .map(|file| file.path.as_str())
        // The endpoints are named as the URLs are.
        .filter(|path| !path.starts_with("crates/doorward-axum/src/api/"))
        .filter(|path| path.starts_with("crates/"))
        .filter(|path| path.split(['/', '.']).any(|part| part == "auth"))
        .map(str::to_owned)
        .collect();
    assert_none("`auth` is either `authn` or `authz`", &offenders);
}

#[test]
fn functions_say_what_they_do() {
    let offenders: Vec<_> = all_sources()
        .iter()
        .flat_map(|file| {
            file.functions()
                .into_iter()
                .filter(|function| {
                    ["get_", "handle_", "process_"]
                        .iter()
                        .any(|verb| function.name.starts_with(verb))
                })
                .map(|function| format!("{}:{}: {}", file.path, function.line, function.name))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(
        "`find_`, `list_`, `create_`, `issue_`, `verify_`, `check_`, `revoke_`, `consume_`",
        &offenders,
    );
}
