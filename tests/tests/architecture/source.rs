//! Rust sources, seen as a reader of the code sees them: without comments,
//! without what stands in strings, without tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A source file, its code alone.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// From the root of the workspace.
    pub(crate) path: String,
    /// Comments, literals and `#[cfg(test)]` items are blanks; lines are kept.
    code: String,
    /// Lines of the file, comments included and tests excluded.
    lines: usize,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// From `fn` to the closing brace.
    pub(crate) lines: usize,
}

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The folders of the workspace that have sources.
const FOLDERS: [&str; 5] = ["benches", "crates", "examples", "tests", "xtask"];

/// All sources of the workspace, read once.
static SOURCES: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
    let mut found: Vec<_> = FOLDERS.into_iter().flat_map(read_sources).collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
});

/// All Rust files below a folder of the workspace; none if it does not exist.
pub(crate) fn list_sources(folder: &str) -> impl Iterator<Item = &'static SourceFile> {
    let below = format!("{folder}/");
    SOURCES
        .iter()
        .filter(move |file| file.path.starts_with(&below))
}

fn read_sources(folder: &str) -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap();
                found.push(SourceFile::read(&path.to_string_lossy(), &text));
            }
        }
    }
    found
}

impl SourceFile {
    fn read(path: &str, text: &str) -> Self {
        let (code, tests) = blank_tests(&blank_comments_and_literals(text));
        Self {
            path: path.to_owned(),
            lines: text.lines().count().saturating_sub(tests),
            code,
        }
    }

    /// Whether the whole file is tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    }

    pub(crate) fn count_lines(&self) -> usize {
        self.lines
    }

    /// The line that first uses a path such as `sqlx` or `std::env`, also as
    /// part of `use std::{env, …}`.
    pub(crate) fn find_path(&self, path: &str) -> Option<usize> {
        let at = find_word(&self.code, path).or_else(|| {
            let (parent, child) = path.rsplit_once("::")?;
            let group = format!("{parent}::{{");
            self.code.match_indices(&group).find_map(|(start, _)| {
                let inside = start + group.len();
                let end = inside + self.code[inside..].find(';')?;
                find_word(&self.code[inside..end], child).map(|at| inside + at)
            })
        })?;
        Some(line_of(&self.code, at))
    }

    pub(crate) fn functions(&self) -> Vec<Function> {
        self.code
            .match_indices("fn ")
            .filter(|(at, _)| !self.code[..*at].ends_with(is_word))
            .filter_map(|(at, keyword)| {
                let rest = &self.code[at + keyword.len()..];
                let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
                let end = at + end_of_item(&self.code[at..])?;
                let is_whole = !name.is_empty() && self.code[..end].ends_with('}');
                is_whole.then(|| Function {
                    name,
                    line: line_of(&self.code, at),
                    lines: self.code[at..end].lines().count(),
                })
            })
            .collect()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where a word first stands by itself.
fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word))
}

/// Where an item ends: after its `;` or its closing brace.
fn end_of_item(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && c == '}' {
                    return Some(at + 1);
                }
            }
            ';' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Blanks the items under `#[cfg(test)]`; also returns how many lines they had.
fn blank_tests(code: &str) -> (String, usize) {
    const MARK: &str = "#[cfg(test)]";
    let mut code = code.to_owned();
    let mut lines = 0;
    while let Some(start) = code.find(MARK) {
        let item = start + MARK.len();
        let end = end_of_item(&code[item..]).map_or(code.len(), |end| item + end);
        lines += code[start..end].lines().count();
        let blank = blank(&code[start..end]);
        code.replace_range(start..end, &blank);
    }
    (code, lines)
}

/// As many bytes, none of them but the line ends.
fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect()
}

fn blank_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let in_word = code.ends_with(is_word);
        let hidden = hidden_length(rest, in_word);
        if hidden == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push_str(&blank(&rest[..hidden]));
            rest = &rest[hidden..];
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal.
fn hidden_length(rest: &str, in_word: bool) -> usize {
    let up_to = |end: Option<usize>| end.unwrap_or(rest.len());
    if rest.starts_with("//") {
        up_to(rest.find('\n'))
    } else if rest.starts_with("/*") {
        length_of_block_comment(rest)
    } else if rest.starts_with('"') {
        up_to(end_of_quoted(rest, '"'))
    } else if rest.starts_with('\'') {
        length_of_char(rest)
    } else if !in_word {
        length_of_raw_string(rest)
    } else {
        0
    }
}

fn length_of_block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The end of a literal that starts with a quote and knows backslashes.
fn end_of_quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().skip(1).find_map(|(at, c)| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at + 1)
    })
}

/// `'a'` and `'\n'` are literals, `'a` is a lifetime.
fn length_of_char(rest: &str) -> usize {
    let mut characters = rest.chars().skip(1);
    let (first, second) = (characters.next(), characters.next());
    if first == Some('\\') || second == Some('\'') {
        end_of_quoted(rest, '\'').unwrap_or(0)
    } else {
        0
    }
}

/// `r"…"`, `br#"…"#`, `c"…"` and the like are left to the plain string where
/// they have no `r`.
fn length_of_raw_string(rest: &str) -> usize {
    let after = rest.trim_start_matches(['b', 'c']);
    let Some(hashes_at) = after
        .strip_prefix('r')
        .filter(|_| rest.len() - after.len() <= 1)
    else {
        return 0;
    };
    let quoted = hashes_at.trim_start_matches('#');
    if !quoted.starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes_at.len() - quoted.len()));
    quoted[1..].find(&end).map_or(rest.len(), |at| {
        rest.len() - quoted.len() + 1 + at + end.len()
    })
}

mod tests {
    use super::*;

    const TEXT: &str = r##"//! Says sqlx.
use std::{
    env, fmt,
};
/* std::fs /* nested */ sqlx */
fn one<'a>(text: &'a str, quote: char) -> [u8; 2] {
    let _ = ("sqlx \" sqlx", '"', r#"sqlx " sqlx"#, b"sqlx");
    my_sqlx::call()
}

#[cfg(test)]
mod tests {
    use sqlx;
    fn two() {}
}
trait Shape {
    fn three(&self);
    fn four(&self) {}
}
"##;

    #[test]
    fn comments_literals_and_tests_are_not_code() {
        let file = SourceFile::read("a.rs", TEXT);
        assert_eq!(file.find_path("sqlx"), None);
        assert_eq!(file.find_path("std::fs"), None);
        assert_eq!(file.find_path("my_sqlx"), Some(8));
        assert_eq!(file.find_path("std::env"), Some(3));
        assert_eq!(file.count_lines(), TEXT.lines().count() - 5);
    }

    #[test]
    fn functions_with_a_body_are_found() {
        let found = SourceFile::read("a.rs", TEXT).functions();
        let found: Vec<_> = found
            .iter()
            .map(|function| (function.name.as_str(), function.line, function.lines))
            .collect();
        assert_eq!(found, [("one", 6, 4), ("four", 18, 1)]);
    }

    #[test]
    fn our_own_sources_are_found() {
        let sources: Vec<_> = list_sources("crates").collect();
        assert!(sources.len() > 50);
        let store = "crates/doorward/src/store/db/sqlite.rs";
        let store = sources.iter().find(|file| file.path == store).unwrap();
        assert!(store.find_path("rusqlite").is_some());
    }
}
