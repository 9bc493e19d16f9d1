//! A service that is asked for all passwords whose hashes begin alike.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::domain::password::Password;
use crate::http_client::{HttpClient, HttpClientError};
use crate::password::{BreachCheckUnavailable, BreachedPasswords, PasswordSha1};

/// How long an answer may take; somebody waits for it.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer that is read, in bytes: some thirty times that of Have I Been Pwned.
const LARGEST_ANSWER: usize = 1024 * 1024;
/// Digits of the hash that the service is told.
const PREFIX: usize = 5;
/// So many are asked at the same time; whoever comes then has to wait within the deadline.
const MOST_AT_ONCE: usize = 16;

/// Asks Have I Been Pwned, or a service that answers like it, by k-anonymity: it is told the
/// first 5 of 40 digits of the password's SHA-1, and names the rest of all that it knows. Its
/// answers are padded, so that their length tells nothing.
///
/// An answer that takes more than 2 seconds (unless it is told otherwise), is larger than 1 MiB, or is not what it should be,
/// is none.
///
/// ```
/// use doorward::RangeQuery;
///
/// # fn main() -> Result<(), doorward::HttpClientError> {
/// let list = RangeQuery::new("http://localhost:8080/range")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RangeQuery {
    client: HttpClient,
    turns: Semaphore,
    timeout: Duration,
}

impl RangeQuery {
    /// The service of Have I Been Pwned.
    pub const HAVE_I_BEEN_PWNED: &'static str = "https://api.pwnedpasswords.com/range";

    /// Asks the service at `url`, to which `/` and the five digits are added.
    ///
    /// # Errors
    /// [`HttpClientError`] where it is no URL of the kind `https`, or `http` on this machine, or
    /// TLS can't be set up.
    pub fn new(url: &str) -> Result<Self, HttpClientError> {
        Self::with_timeout(url, TIMEOUT)
    }

    /// Asks the service at `url`, whose answers may take so long.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_timeout(url: &str, timeout: Duration) -> Result<Self, HttpClientError> {
        Ok(Self {
            client: HttpClient::new(url, timeout)?,
            turns: Semaphore::new(MOST_AT_ONCE),
            timeout,
        })
    }

    async fn ask(&self, hash: &PasswordSha1) -> Result<bool, BreachCheckUnavailable> {
        let (prefix, suffix) = hash.as_str().split_at(PREFIX);
        let _turn = self.turns.acquire().await.map_err(unavailable)?;
        let request = self.client.get(prefix).header("add-padding", "true");
        let answer = self
            .client
            .send(request, LARGEST_ANSWER)
            .await
            .map_err(unavailable)?;
        if answer.status != 200 {
            return Err(unavailable(format_args!(
                "status {}",
                answer.status.as_u16()
            )));
        }
        find(&answer.body, suffix).ok_or_else(|| unavailable("the answer is no list of hashes"))
    }
}

fn unavailable(reason: impl std::fmt::Display) -> BreachCheckUnavailable {
    BreachCheckUnavailable::new(format!("range query: {reason}"))
}

impl BreachedPasswords for RangeQuery {
    fn contains<'a>(
        &'a self,
        password: &'a Password,
    ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>> {
        Box::pin(async move {
            let hash = PasswordSha1::of(password);
            tokio::time::timeout(self.timeout, self.ask(&hash))
                .await
                .unwrap_or_else(|_| Err(unavailable("it timed out")))
        })
    }
}

/// Whether `suffix` is in a list of `SUFFIX:COUNT` lines; `None` where it is no such list.
///
/// What was seen no times is padding.
fn find(list: &[u8], suffix: &str) -> Option<bool> {
    let mut is_found = false;
    for line in std::str::from_utf8(list).ok()?.lines() {
        let (hash, count) = line.trim_end().split_once(':')?;
        let count: u64 = count.parse().ok()?;
        if hash.len() != suffix.len() || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        is_found |= count > 0 && hash.eq_ignore_ascii_case(suffix);
    }
    Some(is_found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SUFFIX: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
    const OTHER: &str = "003D68EB55068C33ACE09247EE4C639306B";

    #[test]
    fn a_list_is_looked_through() {
        for (list, found) in [
            (format!("{OTHER}:3\r\n{SUFFIX}:10434004"), Some(true)),
            (format!("{SUFFIX}:1\n"), Some(true)),
            (format!("{}:1", SUFFIX.to_lowercase()), Some(true)),
            (format!("{OTHER}:3\r\n{SUFFIX}:0\r\n"), Some(false)),
            (format!("{OTHER}:3"), Some(false)),
            (String::new(), Some(false)),
            (SUFFIX.to_owned(), None),
            (format!("{SUFFIX}:many"), None),
            (format!("{SUFFIX}:1\n<html>"), None),
            (format!("{SUFFIX}:1\n\n{OTHER}:1"), None),
            (format!("A{SUFFIX}:1"), None),
            (format!("G{}:1", &SUFFIX[1..]), None),
            ("<!doctype html>".to_owned(), None),
        ] {
            assert_eq!(find(list.as_bytes(), SUFFIX), found, "{list}");
        }
        assert_eq!(find(b"\xff\xfe", SUFFIX), None);
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_ne!(find(&bytes, SUFFIX), Some(true));
        }
    }
}
