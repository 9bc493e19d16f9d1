//! Text that others chose, made harmless before it stands in a mail.

/// The longest name that a mail repeats, in characters.
const LONGEST_NAME: usize = 60;
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;

/// One line without control characters and without those that turn the direction of text.
pub(super) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .filter(|character| !is_hidden(*character))
        .collect();
    visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A subject as it may stand in a header, cut where it is too long.
pub(super) fn subject(text: &str) -> String {
    one_line(text).chars().take(LONGEST_SUBJECT).collect()
}

/// The name as it may stand in a mail; `None` where it looks like more than a name: mail
/// programs make links of addresses in plain text, and of telephone numbers.
pub(super) fn name(text: &str) -> Option<String> {
    let name = one_line(text);
    let digits = name
        .chars()
        .filter(|character| character.is_numeric())
        .count();
    let is_name = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && digits <= 3
        && !name.contains(['/', '\\', '@', ':', '<', '>', '[', ']'])
        && !name.to_lowercase().contains("www.")
        && !has_domain(&name);
    is_name.then_some(name)
}

/// Whether a dot stands before two letters or more, as in `example.com` and unlike `J. R.`.
fn has_domain(name: &str) -> bool {
    let is_dot = |character: char| matches!(character, '.' | '。' | '．' | '｡' | '․');
    let mut parts = name.split(is_dot).peekable();
    // What stands before the first dot ends no domain.
    parts.next();
    parts.any(|after| {
        after
            .chars()
            .take_while(|character| character.is_alphanumeric())
            .count()
            >= 2
    })
}

/// The text without control characters but line ends, for the body of a mail.
pub(super) fn body(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines
        .chars()
        .filter(|character| *character == '\n' || !is_hidden(*character))
        .collect()
}

/// The text with at most one empty line between paragraphs, and one line end at its end:
/// conditions in a template leave empty lines behind.
pub(super) fn paragraphs(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut was_empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && was_empty) {
            tidy.push_str(line);
            tidy.push('\n');
        }
        was_empty = line.is_empty();
    }
    tidy.truncate(tidy.trim_end().len());
    tidy.push('\n');
    tidy
}

/// Control characters, and marks that change the direction in which text is shown.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_as_they_are() {
        for text in [
            "Anna Kowalska",
            "Анна 王",
            "J. R. R. Tolkien",
            "O'Brien-Smith",
            "Ann Lee III",
            "Martin Luther King, Jr.",
        ] {
            assert_eq!(name(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_more_than_a_name_is_left_out() {
        let long = "a".repeat(61);
        for text in [
            "",
            "\u{202e}",
            "Win at http://evil",
            "Win at evil.com",
            "Win at EVIL.COM now",
            "Win at evil。com",
            "www. evil",
            "mail me@evil",
            "Call 0900 123",
            "t.me/evil",
            "<b>You</b>",
            "[click](evil)",
            &long,
        ] {
            assert_eq!(name(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(
            one_line(" Hi\r\nBcc: all\u{202e}@\t x\0 "),
            "Hi Bcc: all@ x"
        );
        assert_eq!(body("a\r\nb\rc\0\u{202e}d"), "a\nb\ncd");
        assert_eq!(subject(&"ü".repeat(500)).chars().count(), 150);
    }

    proptest! {
        #[test]
        fn no_name_makes_a_link_or_a_line(text in "\\PC{0,40}|[a-z.:/@ \r\n\t]{0,40}") {
            if let Some(name) = name(&text) {
                prop_assert!(!name.contains(['\n', '\r', '/', '@', ':']));
                prop_assert!(!name.chars().any(char::is_control));
            }
        }
    }
}
