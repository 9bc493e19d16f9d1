//! A clock that stands still, and randomness from a seed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};

use crate::domain::clock::{Clock, Timestamp};
use crate::domain::entropy::Entropy;

/// Randomness that is the same for the same seed. Not for secrets.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    calls: Mutex<u64>,
}

impl SeededEntropy {
    /// The source with this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            calls: Mutex::new(0),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut calls = self
            .calls
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            *calls += 1;
            let mut block = Context::new(&SHA256);
            block.update(&self.seed.to_le_bytes());
            block.update(&calls.to_le_bytes());
            chunk.copy_from_slice(&block.finish().as_ref()[..chunk.len()]);
        }
    }
}

/// A clock that stands still until it is moved.
///
/// ```
/// use std::time::Duration;
/// use doorward::testing::FixedClock;
/// use doorward::{Clock, Timestamp};
///
/// let clock = FixedClock::at(Timestamp::from_millis(1_000));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().as_millis(), 61_000);
/// ```
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_millis()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
