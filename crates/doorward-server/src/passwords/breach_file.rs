//! A file of the hashes of breached passwords, searched where it lies.

use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use doorward::{BreachCheckUnavailable, BreachedPasswords, Password, PasswordSha1};

/// Digits of a SHA-1.
const DIGITS: usize = 40;
/// No line is longer: the digits, a colon, the digits of a 64-bit number, the line's end.
const LONGEST_LINE: u64 = 64;

/// A file of `SHA1:COUNT` lines in the order of the hashes, as the downloader of Have I Been
/// Pwned writes it. It is read by some thirty short reads for each password, none of it is kept.
///
/// A new version is to be moved to its place, not written over it; it is seen at the next start.
#[derive(Clone, Debug)]
pub(super) struct BreachFile {
    file: Arc<File>,
    length: u64,
}

/// One line, and where the next begins.
struct Line {
    hash: [u8; DIGITS],
    count: u64,
    end: u64,
}

impl BreachFile {
    /// Opens the file, and looks at its ends.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let file = Self {
            file: Arc::new(file),
            length,
        };
        let first = file.line_at(0)?;
        let last = file.line_at(file.begin_of_line(length.saturating_sub(1))?)?;
        if first.hash > last.hash {
            return Err(malformed("the hashes are not in order"));
        }
        Ok(file)
    }

    /// Whether it has the hash, and with a count that is not 0.
    fn has(&self, hash: &[u8]) -> io::Result<bool> {
        // Both bounds stay at the beginning of a line or the end of the file.
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let begin = self.begin_of_line(low + (high - low) / 2)?;
            let line = self.line_at(begin)?;
            match line.hash.as_slice().cmp(hash) {
                Ordering::Equal => return Ok(line.count > 0),
                Ordering::Less => low = line.end,
                Ordering::Greater => high = begin,
            }
        }
        Ok(false)
    }

    /// Where the line begins that has the byte `at`.
    fn begin_of_line(&self, at: u64) -> io::Result<u64> {
        let from = at.saturating_sub(LONGEST_LINE);
        let before = self.read(from, at - from)?;
        match before.iter().rposition(|byte| *byte == b'\n') {
            Some(feed) => Ok(from + feed as u64 + 1),
            None if from == 0 => Ok(0),
            None => Err(malformed("a line is too long")),
        }
    }

    fn line_at(&self, begin: u64) -> io::Result<Line> {
        let text = self.read(begin, LONGEST_LINE.min(self.length - begin))?;
        let end = text.iter().position(|byte| *byte == b'\n');
        let (hash, count) = parse(&text[..end.unwrap_or(text.len())])
            .ok_or_else(|| malformed("expected lines of a SHA-1, a colon and a count"))?;
        let length = end.map_or(text.len(), |feed| feed + 1);
        Ok(Line {
            hash,
            count,
            end: begin + length as u64,
        })
    }

    fn read(&self, from: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, from)?;
        Ok(bytes)
    }
}

fn parse(line: &[u8]) -> Option<([u8; DIGITS], u64)> {
    let (hash, count) = line.trim_ascii_end().split_at_checked(DIGITS)?;
    let count = std::str::from_utf8(count.strip_prefix(b":")?).ok()?;
    let hash: [u8; DIGITS] = hash.to_ascii_uppercase().try_into().ok()?;
    let is_hash = hash.iter().all(u8::is_ascii_hexdigit);
    Some((hash, count.parse().ok()?)).filter(|_| is_hash)
}

fn malformed(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl BreachedPasswords for BreachFile {
    fn contains<'a>(
        &'a self,
        password: &'a Password,
    ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>> {
        let (file, hash) = (self.clone(), PasswordSha1::of(password));
        Box::pin(async move {
            tokio::task::spawn_blocking(move || file.has(hash.as_str().as_bytes()))
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)))
                .map_err(|error| BreachCheckUnavailable::new(format!("file: {error}")))
        })
    }
}

#[cfg(test)]
mod tests;
