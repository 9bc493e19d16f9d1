//! The file `.env`, read as python-dotenv reads it, because existing files were written for it.
//!
//! `NAME=value` or `export NAME=value`; a value without quotes goes to the end of the line and may
//! hold spaces and quotes (`APP_NAME=My Service`, `ORIGINS=["http://localhost"]`); ` #` begins a
//! comment; a value in single or double quotes may span lines; a name alone is not set. The file is
//! data: nothing of it enters the environment of the process.

use zeroize::Zeroizing;

use crate::settings::error::Problem;

/// One assignment.
pub(super) struct Binding {
    /// The name before `=`.
    pub(super) name: String,
    /// The value, quotes and escapes undone, `${…}` as it stands.
    pub(super) value: Zeroizing<String>,
    /// The line of the name, counted from 1.
    pub(super) line: usize,
    /// Whether `${…}` in it is plain text, as in single quotes.
    pub(super) literal: bool,
}

/// Parses `text` into its assignments, and the lines that could not be parsed.
pub(super) fn parse(text: &str) -> (Vec<Binding>, Vec<Problem>) {
    let mut parser = Parser {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let (mut bindings, mut problems) = (Vec::new(), Vec::new());
    while parser.skip_to_content() {
        let line = parser.line;
        match parser.binding() {
            Ok(binding) => bindings.extend(binding),
            Err(expected) => {
                problems.push(Problem::new(format!(".env line {line}"), expected));
                parser.take_line();
            }
        }
    }
    (bindings, problems)
}

struct Parser<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Parser<'a> {
    /// Skips blank lines and comments; returns false at the end.
    fn skip_to_content(&mut self) -> bool {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.take_line();
        }
    }

    fn binding(&mut self) -> Result<Option<Binding>, &'static str> {
        let line = self.line;
        let mut name = self.name();
        if name == "export" && self.rest.starts_with(is_blank) {
            self.take_while(is_blank);
            name = self.name();
        }
        self.take_while(is_blank);
        if !name.is_empty() && (self.at_line_end() || self.rest.starts_with('#')) {
            return Ok(None);
        }
        self.rest = self
            .rest
            .strip_prefix('=')
            .filter(|_| !name.is_empty())
            .ok_or("expected NAME=value")?;
        let (value, literal) = self.value()?;
        Ok(Some(Binding {
            name: name.to_owned(),
            value,
            line,
            literal,
        }))
    }

    fn name(&mut self) -> &'a str {
        self.take_while(|c| c != '=' && c != '#' && !c.is_whitespace())
    }

    fn value(&mut self) -> Result<(Zeroizing<String>, bool), &'static str> {
        let blanks = self.take_while(is_blank);
        match self.rest.chars().next() {
            Some('#') if !blanks.is_empty() => Ok((Zeroizing::default(), true)),
            Some(quote @ ('\'' | '"')) => Ok((self.quoted(quote)?, quote == '\'')),
            _ => Ok((self.unquoted(), false)),
        }
    }

    fn unquoted(&mut self) -> Zeroizing<String> {
        let line = self.take_line();
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| line[..*at].ends_with(is_blank));
        Zeroizing::new(line[..comment.unwrap_or(line.len())].trim_end().to_owned())
    }

    fn quoted(&mut self, quote: char) -> Result<Zeroizing<String>, &'static str> {
        let mut value = Zeroizing::new(String::new());
        let mut escaped = false;
        let body = &self.rest[1..];
        let end = body.char_indices().find_map(|(at, c)| {
            if escaped {
                unescape(c, quote, &mut value);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                return Some(at);
            } else {
                value.push(c);
            }
            None
        });
        let end = end.ok_or("a quote is opened and not closed")?;
        self.line += body[..end].matches('\n').count();
        self.rest = &body[end + 1..];
        self.take_while(is_blank);
        if self.at_line_end() || self.rest.starts_with('#') {
            self.take_line();
            return Ok(value);
        }
        Err("expected nothing behind the closing quote")
    }

    fn at_line_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(['\n', '\r'])
    }

    /// Takes the rest of the line; its line break stays.
    fn take_line(&mut self) -> &'a str {
        self.take_while(|c| !matches!(c, '\n' | '\r'))
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Appends what `\c` stands for within quotes. An unknown escape stays as it is.
fn unescape(c: char, quote: char, value: &mut String) {
    match c {
        '\\' | '\'' => value.push(c),
        '"' if quote == '"' => value.push(c),
        'n' if quote == '"' => value.push('\n'),
        'r' if quote == '"' => value.push('\r'),
        't' if quote == '"' => value.push('\t'),
        _ => value.extend(['\\', c]),
    }
}

/// Replaces every `${NAME}` and `${NAME:-default}` in `text` by what `find` returns for the name.
///
/// # Errors
/// The message for a name that `find` does not know and that has no default: an empty text in its
/// place would be a wrong password or address that stays unnoticed.
pub(super) fn interpolate(
    text: &str,
    find: impl Fn(&str) -> Option<Zeroizing<String>>,
) -> Result<Zeroizing<String>, String> {
    let mut output = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start + 2..].find('}') else {
            break;
        };
        output.push_str(&rest[..start]);
        let reference = &rest[start + 2..start + 2 + length];
        let (name, default) = match reference.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (reference, None),
        };
        match (find(name).filter(|value| !value.is_empty()), default) {
            (Some(value), _) => output.push_str(&value),
            (None, Some(default)) => output.push_str(default),
            (None, None) => {
                return Err("refers with ${…} to a variable that is not set; put the value in single quotes \
                            to keep it as it is"
                    .to_owned());
            }
        }
        rest = &rest[start + 2 + length + 1..];
    }
    output.push_str(rest);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// Parses every text of up to five characters out of those that mean something.
    #[test]
    fn every_short_text_is_read_to_its_end() {
        let signs = [
            'A', 'ä', '=', '\'', '"', '\\', '#', '\n', '\r', ' ', '\u{b}',
        ];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| signs.map(|sign| format!("{text}{sign}"));
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                let marked = format!("{text}\nLAST=1");
                let (bindings, problems) = parse(&marked);
                let last_was_read = bindings
                    .last()
                    .is_some_and(|binding| binding.name == "LAST");
                // An open quote may take the last line for its own, and then says so.
                assert!(last_was_read || !problems.is_empty(), "{marked:?}");
            }
        }
    }
}
