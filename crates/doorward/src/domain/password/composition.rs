//! Kinds of characters, for who wants passwords composed of several.

use crate::domain::words::words;

words! {
    /// A kind of character that passwords can be told to have.
    CharacterKind {
        /// A lower-case letter of any script.
        Lower = "lower",
        /// An upper-case letter of any script.
        Upper = "upper",
        /// A digit of any script.
        Digit = "digit",
        /// Neither a letter nor a digit: punctuation, white space, emoji.
        Symbol = "symbol",
    }
}

impl CharacterKind {
    pub(super) fn is_in(self, text: &str) -> bool {
        text.chars().any(match self {
            Self::Lower => char::is_lowercase,
            Self::Upper => char::is_uppercase,
            Self::Digit => char::is_numeric,
            Self::Symbol => |character: char| !character.is_alphanumeric(),
        })
    }

    /// The kind as it stands in a sentence, with its article.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Lower => "a lower-case letter",
            Self::Upper => "an upper-case letter",
            Self::Digit => "a digit",
            Self::Symbol => "a symbol",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart_in_every_script() {
        use CharacterKind::{Digit, Lower, Symbol, Upper};

        for (text, kinds) in [
            ("", &[][..]),
            ("a", &[Lower]),
            ("ß", &[Lower]),
            ("Ж", &[Upper]),
            ("7", &[Digit]),
            ("٣", &[Digit]),
            ("_", &[Symbol]),
            (" ", &[Symbol]),
            ("🐎", &[Symbol]),
            ("王", &[]),
            ("aA1!", &[Lower, Upper, Digit, Symbol]),
        ] {
            let found: Vec<_> = CharacterKind::ALL
                .iter()
                .copied()
                .filter(|kind| kind.is_in(text))
                .collect();
            assert_eq!(found, kinds, "{text}");
        }
    }
}
