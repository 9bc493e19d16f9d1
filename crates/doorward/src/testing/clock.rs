//! A clock that a test moves.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::domain::clock::{Clock, Timestamp};

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
