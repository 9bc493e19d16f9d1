//! Which sources may touch the database, the process and the machine.

use crate::assert_none;
use crate::source::{SourceFile, list_sources};

/// The sources of our crates, without their tests.
fn sources_below(folder: &str) -> impl Iterator<Item = &'static SourceFile> {
    let folder = folder.to_owned();
    list_sources("crates").filter(move |file| file.path.starts_with(&folder) && !file.is_test())
}

fn find_uses(files: impl Iterator<Item = &'static SourceFile>, forbidden: &[&str]) -> Vec<String> {
    files
        .flat_map(|file| {
            forbidden
                .iter()
                .filter_map(|path| {
                    let line = file.find_path(path)?;
                    Some(format!("{}:{line}: {path}", file.path))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn only_the_store_names_a_database_crate() {
    let elsewhere =
        sources_below("crates/").filter(|file| !file.path.starts_with("crates/doorward/src/store"));
    assert_none(
        "only crates/doorward/src/store talks to a database",
        &find_uses(elsewhere, &["sqlx", "rusqlite"]),
    );
}

#[test]
fn only_one_module_asks_other_services() {
    let elsewhere =
        sources_below("crates/").filter(|file| file.path != "crates/doorward/src/http_client.rs");
    assert_none(
        "only crates/doorward/src/http_client.rs names the HTTP client",
        &find_uses(elsewhere, &["reqwest"]),
    );
}

#[test]
fn only_the_server_reads_environment_files_and_signals() {
    let elsewhere =
        sources_below("crates/").filter(|file| !file.path.starts_with("crates/doorward-server/"));
    assert_none(
        "only crates/doorward-server reads environment, files, arguments and signals",
        &find_uses(
            elsewhere,
            &["std::env", "std::fs", "tokio::fs", "tokio::signal"],
        ),
    );
}

#[test]
fn the_protocol_computes_and_nothing_else() {
    assert_none(
        "crates/doorward-protocol has no async, clock, randomness or I/O",
        &find_uses(
            sources_below("crates/doorward-protocol/src/"),
            &[
                "async",
                "await",
                "Instant",
                "SystemTime",
                "SystemRandom",
                "rand",
                "std::io",
                "std::net",
                "std::process",
                "std::thread",
            ],
        ),
    );
}
