//! What is printed.

use super::sampling::Seen;
use super::statistics::{Difference, Verdict};

pub(super) fn print_head() {
    println!(
        "{:42} {:>11} {:>9} {:>15} {:>15} {:>15} {:>8}  verdict",
        "first / second kind",
        "samples",
        "median",
        "second median",
        "10th percentile",
        "slower of two",
        "answers"
    );
    println!(
        "{:42} {:>11} {:>9} {:>15} {:>15} {:>15}",
        "", "", "[us]", "minus first", "minus first", "less 1/2 [%]"
    );
}

/// Prints a row; tells whether it came out as it should.
pub(super) fn print_row(seen: &Seen) -> bool {
    let comparison = &seen.comparison;
    let verdict = comparison.verdict();
    let told_apart = verdict == Verdict::Different || !seen.same_answers;
    let holds = match verdict {
        Verdict::Unclear => false,
        _ => told_apart == seen.differs,
    };
    let [first, second] = comparison.counts;
    println!(
        "{:42} {:>11} {:9.1} {} {} {} {:>8}  {}",
        seen.name,
        format!("{first}+{second}"),
        comparison.median * 1e6,
        text_of(comparison.of_medians, 1e6),
        text_of(comparison.of_tenths, 1e6),
        text_of(comparison.superiority, 100.0),
        if seen.same_answers { "same" } else { "differ" },
        words_for(verdict, holds)
    );
    holds
}

fn text_of(difference: Difference, scale: f64) -> String {
    let (seen, by_chance) = (difference.seen * scale, difference.by_chance * scale);
    format!("{seen:+8.2} ± {by_chance:4.2}")
}

fn words_for(verdict: Verdict, holds: bool) -> &'static str {
    match (verdict, holds) {
        (Verdict::Unclear, _) => "TOO NOISY TO SAY",
        (_, false) => "FAILS",
        (Verdict::Same, true) => "can't be told apart",
        (Verdict::Different, true) => "told apart, as it should be",
    }
}
