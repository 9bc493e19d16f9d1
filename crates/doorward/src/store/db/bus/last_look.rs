//! When the commits of other connections were last looked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The time of the last successful look, as the time when it becomes too old.
#[derive(Debug)]
pub(super) struct LastLook {
    origin: Instant,
    max_age: Duration,
    /// Nanoseconds after `origin`. Zero if there is no look to rely on.
    recent_until: AtomicU64,
}

impl LastLook {
    /// There was no look yet. Each is recent for `max_age`.
    pub(super) fn new(max_age: Duration) -> Self {
        Self {
            origin: Instant::now(),
            max_age,
            recent_until: AtomicU64::new(0),
        }
    }

    /// Records a look that began at `at`. All caches must have been invalidated accordingly.
    pub(super) fn record(&self, at: Instant) {
        let until = self.since_origin(at + self.max_age);
        self.recent_until.store(until, Ordering::Release);
    }

    /// Forgets the last look, because the next one can't be made.
    pub(super) fn clear(&self) {
        self.recent_until.store(0, Ordering::Release);
    }

    pub(super) fn is_recent(&self, now: Instant) -> bool {
        // Acquire: the invalidations before this look must be visible too.
        self.since_origin(now) < self.recent_until.load(Ordering::Acquire)
    }

    fn since_origin(&self, at: Instant) -> u64 {
        let nanoseconds = at.saturating_duration_since(self.origin).as_nanos();
        u64::try_from(nanoseconds).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_AGE: Duration = Duration::from_millis(500);
    const INSTANT: Duration = Duration::from_nanos(1);

    #[test]
    fn a_look_is_recent_until_it_has_the_maximum_age() {
        let look = LastLook::new(MAX_AGE);
        let begin = look.origin;
        assert!(!look.is_recent(begin), "before the first look");

        look.record(begin);
        assert!(look.is_recent(begin));
        assert!(look.is_recent(begin + MAX_AGE - INSTANT));
        assert!(!look.is_recent(begin + MAX_AGE));

        let second = begin + Duration::from_secs(86_400);
        assert!(!look.is_recent(second));
        look.record(second);
        assert!(look.is_recent(second + MAX_AGE - INSTANT));
        assert!(!look.is_recent(second + MAX_AGE));
    }

    #[test]
    fn a_cleared_look_is_not_recent() {
        let look = LastLook::new(MAX_AGE);
        look.record(look.origin);
        look.clear();
        assert!(!look.is_recent(look.origin));
        look.record(look.origin + INSTANT);
        assert!(look.is_recent(look.origin + INSTANT));
    }
}
