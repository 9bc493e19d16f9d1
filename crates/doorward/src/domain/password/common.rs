//! The embedded list of common passwords.

use std::cmp::Ordering;

/// Sorted by bytes, lower case, one a line, each line ended by a line feed;
/// `data/README.md` says where it is from.
const LIST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/data/common-passwords.txt"
));

/// Whether `password`, already in lower case, is on the list.
///
/// A binary search in the text itself: nothing is built at start and no memory
/// taken but the few pages that are looked at.
pub(super) fn is_common(password: &str) -> bool {
    contains_line(LIST.as_bytes(), password.as_bytes())
}

fn contains_line(list: &[u8], wanted: &[u8]) -> bool {
    // Both bounds stay at the beginning of a line or the end of the text.
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let begin = line_begin(list, low, low + (high - low) / 2);
        let end = line_end(list, begin);
        match list[begin..end].cmp(wanted) {
            Ordering::Equal => return true,
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = begin,
        }
    }
    false
}

fn line_begin(list: &[u8], low: usize, at: usize) -> usize {
    let before = list[low..at].iter().rposition(|byte| *byte == b'\n');
    before.map_or(low, |feed| low + feed + 1)
}

fn line_end(list: &[u8], begin: usize) -> usize {
    let feed = list[begin..].iter().position(|byte| *byte == b'\n');
    feed.map_or(list.len(), |length| begin + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_the_search_relies_on() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.len() >= 20_000);
        assert!(lines.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
        assert!(LIST.ends_with('\n') && !LIST.contains('\r'));
        for line in lines {
            assert!(!line.is_empty() && line.trim() == line, "{line}");
            assert_eq!(line.to_lowercase(), line);
        }
    }

    #[test]
    fn every_line_is_found() {
        for line in LIST.lines() {
            assert!(is_common(line), "{line}");
        }
    }

    #[test]
    fn nothing_else_is_found() {
        for text in [
            "",
            "\n",
            "password\n",
            "passwordx",
            "Password",
            "password\npassword1",
        ] {
            assert!(!is_common(text), "{text:?}");
        }
        for line in LIST.lines().step_by(97) {
            assert!(!is_common(&format!("{line}\u{1}")), "{line}");
            assert!(!is_common(&format!(" {line}")), "{line}");
        }
    }

    #[test]
    fn small_lists_have_no_edge() {
        for count in 0..8_u8 {
            let letters: Vec<u8> = (0..count).map(|n| b'b' + 2 * n).collect();
            let list: Vec<u8> = letters.iter().flat_map(|letter| [*letter, b'\n']).collect();
            for wanted in b'a'..=b'z' {
                assert_eq!(
                    contains_line(&list, &[wanted]),
                    letters.contains(&wanted),
                    "{wanted} in {letters:?}"
                );
            }
        }
    }
}
