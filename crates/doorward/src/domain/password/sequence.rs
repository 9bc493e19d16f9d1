//! Passwords that are repetitions and runs.

use std::ops::Range;

use zeroize::Zeroizing;

/// Rows and columns of keyboards, in both directions; letters and digits in their own order
/// need no list.
const KEYS: &[&str] = &[
    "1234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiopü",
    "asdfghjklöä",
    "yxcvbnm,.-",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn,;:!",
    "!@#$%^&*()",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
];

/// Two characters follow each other by chance.
const SHORTEST_RUN: usize = 3;
/// What is repeated and has as many characters could be a password by itself.
const LONGEST_UNIT: usize = 7;

/// Whether `password`, in lower case, is one unit of at most seven characters again and again,
/// or nothing but runs and repetitions, also with punctuation between.
pub(super) fn is_sequence(password: &str) -> bool {
    let all: Zeroizing<Vec<char>> = Zeroizing::new(password.chars().collect());
    let mut bare = Zeroizing::new(Vec::with_capacity(all.len()));
    bare.extend(all.iter().filter(|character| character.is_alphanumeric()));
    let is_sparse = bare.len() * 2 <= all.len();
    follows_a_pattern(&all) || (!is_sparse && follows_a_pattern(&bare))
}

/// What `password` repeats a whole number of times, where it does; a range of its bytes.
pub(super) fn repeated_unit(password: &str) -> Option<Range<usize>> {
    let bytes = password.as_bytes();
    let period = period(bytes);
    (period < bytes.len() && bytes.len().is_multiple_of(period)).then_some(0..period)
}

fn follows_a_pattern(text: &[char]) -> bool {
    if text.len() < SHORTEST_RUN {
        return false;
    }
    let period = period(text);
    (period <= LONGEST_UNIT && period * 2 <= text.len()) || is_made_of_runs(text)
}

/// After how many characters the text begins anew, the last time perhaps in part: the
/// complement of the longest border (Knuth, Morris and Pratt).
fn period<T: Eq>(text: &[T]) -> usize {
    let mut borders = vec![0; text.len()];
    let mut border = 0;
    for at in 1..text.len() {
        while border > 0 && text[at] != text[border] {
            border = borders[border - 1];
        }
        if text[at] == text[border] {
            border += 1;
        }
        borders[at] = border;
    }
    text.len() - border.min(text.len())
}

fn is_made_of_runs(text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for at in 0..text.len() {
        if reached[at] {
            let longest = longest_run(&text[at..]);
            for length in SHORTEST_RUN..=longest {
                reached[at + length] = true;
            }
        }
    }
    reached[text.len()]
}

fn longest_run(text: &[char]) -> usize {
    let keys = KEYS.iter().flat_map(|row| {
        [
            run(text, |a, b| is_next_key(row, a, b)),
            run(text, |a, b| is_next_key(row, b, a)),
        ]
    });
    [
        run(text, |a, b| a == b),
        run(text, is_next_letter),
        run(text, |a, b| is_next_letter(b, a)),
    ]
    .into_iter()
    .chain(keys)
    .max()
    .unwrap_or(0)
}

/// How many characters at the beginning follow each other as `follows` says.
fn run(text: &[char], follows: impl Fn(char, char) -> bool) -> usize {
    1 + text
        .windows(2)
        .take_while(|pair| follows(pair[0], pair[1]))
        .count()
}

fn is_next_letter(a: char, b: char) -> bool {
    let kin = (a.is_alphabetic() && b.is_alphabetic()) || (a.is_numeric() && b.is_numeric());
    kin && u32::from(a) + 1 == u32::from(b)
}

fn is_next_key(row: &str, a: char, b: char) -> bool {
    let mut after = row.chars().skip_while(|key| *key != a);
    after.next().is_some() && after.next() == Some(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn repetitions_and_runs_are_found() {
        for password in [
            "aaaaaaaa",
            "🐎🐎🐎🐎🐎🐎🐎🐎",
            "        ",
            "!!!!!!!!",
            "abababab",
            "abcabcabc",
            "abcabcab",
            "xk7xk7xk7",
            "zq7!umwzq7!umw",
            "horsehorse",
            "12345678",
            "01234567",
            "1234567890",
            "87654321",
            "0987654321",
            "abcdefgh",
            "hgfedcba",
            "абвгдежз",
            "qwertyuiop",
            "poiuytrewq",
            "qwertzui",
            "azertyuiop",
            "йцукенгш",
            "!@#$%^&*",
            "asdfghjkl",
            "1qaz2wsx",
            "abcd1234",
            "qwer1234asdf",
            "aaabbbccc",
            "111222333",
            "890123456",
            "1-2-3-4-5-6-7-8",
            "12345678!",
            "1234 5678",
            "*abcdefgh*",
        ] {
            assert!(is_sequence(password), "{password}");
        }
    }

    #[test]
    fn other_passwords_are_not() {
        for password in [
            "",
            "a",
            "aa",
            "zqmvkwyt",
            "73920461",
            "!?#%&/()=",
            "        zq",
            "%&$/§=?aa",
            "a.b!c?d-",
            "abcdefgx",
            "correct horse battery staple",
            "securepass123",
            "zq7umwknzq7umwkn",
            "abc def zq",
            "xabcdefgh",
        ] {
            assert!(!is_sequence(password), "{password}");
        }
    }

    #[test]
    fn what_is_repeated_is_told() {
        for (password, unit) in [
            ("passwordpassword", Some("password")),
            ("aaaa", Some("a")),
            ("abcabcab", None),
            ("zq7!umwk", None),
            ("ää", Some("ä")),
            ("", None),
        ] {
            assert_eq!(
                repeated_unit(password).map(|unit| &password[unit]),
                unit,
                "{password}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_repeated_is_a_sequence(unit in "\\PC{1,7}", times in 2..20_usize) {
            let password = unit.repeat(times);
            prop_assume!(password.chars().count() >= SHORTEST_RUN);
            prop_assert!(is_sequence(&password));
        }

        #[test]
        fn a_piece_of_a_row_is_a_sequence_in_both_directions(
            row in proptest::sample::select(KEYS),
            begin in 0..4_usize,
            length in 3..10_usize,
        ) {
            let piece: String = row.chars().skip(begin).take(length).collect();
            prop_assume!(piece.chars().count() >= SHORTEST_RUN);
            let back: String = piece.chars().rev().collect();
            prop_assert!(is_sequence(&piece), "{}", piece);
            prop_assert!(is_sequence(&back), "{}", back);
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,300}") {
            is_sequence(&text);
            if let Some(unit) = repeated_unit(&text) {
                prop_assert_eq!(text[unit.clone()].repeat(text.len() / unit.len()), text.as_str());
            }
        }
    }
}
