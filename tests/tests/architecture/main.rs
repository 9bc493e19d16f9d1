//! The rules of the house that a compiler does not know: who may depend on
//! whom, who may touch what, how things are named and how long they get.
//!
//! A failing test names the offenders; `docs/conventions` says why a rule is
//! there and what to do instead.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod dependencies;
mod examples;
mod layers;
mod module_graph;
mod naming;
mod offence;
mod reach;
mod readme;
mod size;
mod source;

/// Fails with one offender a line.
#[track_caller]
fn assert_none(rule: &str, offenders: &[String]) {
    assert!(
        offenders.is_empty(),
        "{rule}\n  {}\n",
        offenders.join("\n  ")
    );
}
