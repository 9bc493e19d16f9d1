//! The limiter of one process.

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use super::counters::{Counters, WAYS};
use super::limiter::{Decision, RateLimiter};
use super::rate::Rate;
use crate::clock::Timestamp;

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
