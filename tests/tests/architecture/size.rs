//! Small things are read in one go. Tests are not counted.

use crate::offence::{Offence, assert_no_offence};
use crate::source::{SourceFile, list_sources};

const MAX_FILE_LINES: usize = 400;
const MAX_MEDIAN_FILE_LINES: usize = 200;
/// Nine of ten functions are not longer.
const MAX_P90_FUNCTION_LINES: usize = 30;

fn sources() -> Vec<&'static SourceFile> {
    list_sources("crates")
        .filter(|file| !file.is_test())
        .collect()
}

/// The value that this share of the sorted values does not exceed.
fn quantile(mut values: Vec<usize>, share: f64) -> usize {
    values.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts of lines are small"
    )]
    let at = ((values.len() as f64 * share).ceil() as usize).saturating_sub(1);
    values.get(at).copied().unwrap_or(0)
}

fn long_files() -> Vec<Offence> {
    sources()
        .iter()
        .filter(|file| file.count_lines() > MAX_FILE_LINES)
        .map(|file| {
            let lines = format!("{} lines", file.count_lines());
            Offence::new(&file.path).with_details(vec![lines])
        })
        .collect()
}

#[test]
fn no_file_is_long() {
    assert_no_offence("no file has more than 400 lines", &long_files());
}

#[test]
fn most_files_are_short() {
    let median = quantile(
        sources().into_iter().map(SourceFile::count_lines).collect(),
        0.5,
    );
    assert!(
        median <= MAX_MEDIAN_FILE_LINES,
        "the median file has {median} lines"
    );
}

#[test]
fn most_functions_are_short() {
    let mut functions: Vec<(usize, String)> = sources()
        .iter()
        .flat_map(|file| {
            file.functions()
                .into_iter()
                .map(|function| {
                    let place = format!("{}:{} {}", file.path, function.line, function.name);
                    (function.lines, place)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    functions.sort_unstable();
    let lines = quantile(functions.iter().map(|(lines, _)| *lines).collect(), 0.9);
    let longest: Vec<_> = functions.iter().rev().take(20).collect();
    assert!(
        lines <= MAX_P90_FUNCTION_LINES,
        "one function of ten has more than {lines} lines; the longest: {longest:#?}"
    );
}

#[test]
fn quantiles_are_of_the_sorted_values() {
    assert_eq!(quantile(vec![3, 1, 2], 0.5), 2);
    assert_eq!(quantile((1..=10).rev().collect(), 0.9), 9);
    assert_eq!(quantile(vec![], 0.9), 0);
}
