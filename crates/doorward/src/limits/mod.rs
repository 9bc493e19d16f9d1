//! Counters of how often things are done, and who keeps them.

mod counters;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::limits::Rate;
use counters::{Counters, WAYS};

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

/// How many counters there are by default.
const COUNTERS: usize = 65_536;

/// Counts in this process's memory: what an engine does unless it is told otherwise.
///
/// There is room for a fixed number of counters, 65,536 by default, which take two
/// mebibytes. Where a new one needs room, one that owes nothing any more goes, and if there
/// is none, the one that has used the smallest part of its limit. So who used up a limit
/// is not forgotten for the sake of others who ask once each: it takes about as many used
/// up limits as there are counters. Several processes each count for themselves.
///
/// ```
/// use std::sync::Arc;
/// use doorward::{InProcessLimiter, RateLimiter, Timestamp};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), doorward::InvalidRate> {
/// let limiter = InProcessLimiter::default();
/// let (rate, now) = ("1/minute".parse()?, Timestamp::from_millis(0));
/// assert!(limiter.take("somebody", rate, 1, now).await.is_allowed);
/// let second = limiter.take("somebody", rate, 1, now).await;
/// assert_eq!((second.is_allowed, second.retry_after.as_secs()), (false, 60));
/// # Ok(())
/// # }
/// ```
//
// Not the crate `governor`: its rate belongs to the limiter and not to the call, it reads
// time from a clock of its own type that can't go back, and its map of keys grows without
// bounds. Not a `quick_cache`: it evicts what was not asked for lately, so that whoever
// floods it with keys has the counter that holds them up evicted first.
pub struct InProcessLimiter {
    shards: Box<[Mutex<Counters>]>,
    /// Chooses the shard. Both are seeded at random, so that nobody can aim at a shard.
    placing: RandomState,
    /// Tells the keys of one shard apart.
    naming: RandomState,
}

impl InProcessLimiter {
    /// A limiter with room for about so many counters, of 32 bytes each.
    pub fn with_capacity(counters: usize) -> Self {
        let shards = counters.div_ceil(WAYS).max(1);
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            placing: RandomState::new(),
            naming: RandomState::new(),
        }
    }

    /// [`RateLimiter::take`], at once.
    pub(crate) fn take_now(&self, key: &str, rate: Rate, cost: u32, now: Timestamp) -> Decision {
        // The remainder keeps the position below the number of shards.
        let position = self.placing.hash_one(key) % self.shards.len() as u64;
        let shard = &self.shards[usize::try_from(position).unwrap_or(0)];
        shard.lock().unwrap_or_else(PoisonError::into_inner).take(
            self.naming.hash_one((key, rate)),
            rate,
            cost,
            now,
        )
    }
}

impl Default for InProcessLimiter {
    fn default() -> Self {
        Self::with_capacity(COUNTERS)
    }
}

impl std::fmt::Debug for InProcessLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcessLimiter")
            .field("capacity", &(self.shards.len() * WAYS))
            .finish_non_exhaustive()
    }
}

impl RateLimiter for InProcessLimiter {
    fn take<'a>(
        &'a self,
        key: &'a str,
        rate: Rate,
        cost: u32,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>> {
        Box::pin(std::future::ready(self.take_now(key, rate, cost, now)))
    }
}
