//! `application/x-www-form-urlencoded`: forms and query strings.

use percent_encoding::percent_decode;

/// Why a form or a query string cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextError {
    /// `%` that two hexadecimal digits do not follow.
    Escape,
    /// Bytes that are not UTF-8 once decoded.
    Utf8,
}

impl TextError {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Escape => "Input has an invalid percent escape",
            Self::Utf8 => "Input should be valid UTF-8",
        }
    }
}

/// Splits and decodes pairs as the URL standard does, but refuses what it
/// would repair: a half escape or a broken character is not what was meant.
pub(super) fn parse(text: &[u8]) -> Result<Vec<(String, String)>, TextError> {
    text.split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = split_once(pair);
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn split_once(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&byte| byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, b""),
    }
}

fn decode(text: &[u8]) -> Result<String, TextError> {
    if !has_whole_escapes(text) {
        return Err(TextError::Escape);
    }
    let spaced: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| TextError::Utf8)
}

fn has_whole_escapes(text: &[u8]) -> bool {
    text.iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'%')
        .all(|(at, _)| {
            text.get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TextError, parse};

    fn pairs(expected: &[(&str, &str)]) -> Result<Vec<(String, String)>, TextError> {
        Ok(expected
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    #[test]
    fn pairs_are_split_and_decoded() {
        type Row = (&'static [u8], &'static [(&'static str, &'static str)]);
        let table: &[Row] = &[
            (b"", &[]),
            (b"&&", &[]),
            (b"a=1&b=2", &[("a", "1"), ("b", "2")]),
            (b"a", &[("a", "")]),
            (b"a=b=c", &[("a", "b=c")]),
            (b"a+b=%2B+%C3%A9", &[("a b", "+ é")]),
            (b"a=1&a=2", &[("a", "1"), ("a", "2")]),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), pairs(expected));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let table: &[(&[u8], TextError)] = &[
            (b"a=%", TextError::Escape),
            (b"a=%4", TextError::Escape),
            (b"a=%zz", TextError::Escape),
            (b"%=a", TextError::Escape),
            (b"a=%ff", TextError::Utf8),
            (b"a=\xff", TextError::Utf8),
            (b"a=%ed%a0%80", TextError::Utf8),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Err(*expected));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn encoded_pairs_come_back(
            sent in proptest::collection::vec((".{1,8}", ".{0,8}"), 0..6)
        ) {
            let text = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&sent)
                .finish();
            prop_assert_eq!(parse(text.as_bytes()), Ok(sent));
        }
    }
}
