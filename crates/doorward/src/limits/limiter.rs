//! Who counts, and what they say.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use super::class::LimitClass;
use super::rate::Rate;
use crate::clock::Timestamp;

/// What a limiter says to somebody who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub is_allowed: bool,
    /// How many times more it may be done at once.
    pub remaining: u32,
    /// After which time it may be done, where it may not now; else zero.
    pub retry_after: Duration,
}

/// Counts how often things are done, and says when it is too often.
///
/// There is one in the process, which an engine has by default. Servers that share
/// their counters bring their own.
///
/// ```
/// use std::collections::HashMap;
/// use std::future::ready;
/// use std::pin::Pin;
/// use std::sync::{Mutex, PoisonError};
/// use std::time::Duration;
///
/// use doorward::{Decision, Rate, RateLimiter, Timestamp};
///
/// /// Counts in windows that begin with the first use of a key. Several servers would keep the
/// /// two numbers where all of them look, and let them expire with the window.
/// #[derive(Debug, Default)]
/// struct FixedWindows(Mutex<HashMap<String, (Timestamp, u32)>>);
///
/// impl FixedWindows {
///     fn decide(&self, key: &str, rate: Rate, cost: u32, now: Timestamp) -> Decision {
///         let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let (began, taken) = windows.entry(key.to_owned()).or_insert((now, 0));
///         // Also where the clock was set back.
///         if now < *began || now.since(*began) >= rate.window() {
///             (*began, *taken) = (now, 0);
///         }
///         let is_allowed = cost.max(1) <= rate.limit() - *taken;
///         let mut retry_after = rate.window() - now.since(*began);
///         if is_allowed {
///             *taken += cost;
///             retry_after = Duration::ZERO;
///         }
///         let remaining = rate.limit() - *taken;
///         Decision { is_allowed, remaining, retry_after }
///     }
/// }
///
/// impl RateLimiter for FixedWindows {
///     fn take<'a>(
///         &'a self,
///         key: &'a str,
///         rate: Rate,
///         cost: u32,
///         now: Timestamp,
///     ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>> {
///         Box::pin(ready(self.decide(key, rate, cost, now)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), doorward::InvalidRate> {
/// let (limiter, rate) = (FixedWindows::default(), "2/minute".parse()?);
/// let start = Timestamp::from_millis(0);
/// assert_eq!(limiter.take("somebody", rate, 1, start).await.remaining, 1);
/// assert!(limiter.take("somebody", rate, 1, start).await.is_allowed);
/// let third = limiter.take("somebody", rate, 1, start + Duration::from_secs(20)).await;
/// assert_eq!((third.is_allowed, third.retry_after.as_secs()), (false, 40));
/// # assert!(limiter.take("somebody", rate, 1, start + Duration::from_secs(60)).await.is_allowed);
/// # Ok(())
/// # }
/// ```
pub trait RateLimiter: Send + Sync + Debug {
    /// Takes `cost` from what `rate` allows for `key`, where that much is left; takes
    /// nothing where it is not. A cost of 0 takes nothing and says what a cost of 1 would
    /// be told.
    ///
    /// A key holds an id or a network, never a name or a mail address, and always comes with
    /// the same rate. Calls at the same time must not take more than there is. A clock that
    /// was set back must not keep anybody waiting for longer than the rate's window. Where the
    /// limiter itself is out of reach, it decides whether to allow.
    fn take<'a>(
        &'a self,
        key: &'a str,
        rate: Rate,
        cost: u32,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>>;
}

/// Too many requests: somebody asked more often than the limit of this class allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests of the class {}", class.as_str())]
#[non_exhaustive]
pub struct Throttled {
    /// What was asked for too often.
    pub class: LimitClass,
    /// How often it may be.
    pub rate: Rate,
    /// How many times more it may be done at once.
    pub remaining: u32,
    /// After which time to try again.
    pub retry_after: Duration,
}

impl Throttled {
    /// The refusal of a class, for tests of doors that answer with it.
    pub fn new(class: LimitClass, rate: Rate, retry_after: Duration) -> Self {
        Self {
            class,
            rate,
            remaining: 0,
            retry_after,
        }
    }
}
