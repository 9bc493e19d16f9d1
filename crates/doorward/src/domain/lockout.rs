//! How long logins wait after so many failures in a row.

use std::time::Duration;

/// After how many failures in a row logins are locked, and for how long.
///
/// From half of `threshold` on, each failure makes the next attempt wait, twice as long each
/// time, from a second to a minute. From `threshold` on, each failure locks logins for
/// `duration`; a hundred failures in a row lock them for a day (NIST SP 800-63B-4 §3.2.2). A day
/// without a failure forgets them all.
///
/// A lock holds for attempts from networks that the account has never been used from, all
/// counted together, and for each network that it has been used from separately: so a
/// stranger can't keep the owner out.
///
/// ```
/// use std::time::Duration;
/// use doorward::LockoutPolicy;
///
/// let policy = LockoutPolicy::default();
/// assert_eq!(policy.threshold, 10);
/// assert_eq!(policy.wait_after(4), Duration::ZERO);
/// assert_eq!(policy.wait_after(5), Duration::from_secs(1));
/// assert_eq!(policy.wait_after(10), Duration::from_secs(15 * 60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// After how many failures in a row logins are locked; at least 2, at most 100. Default: 10.
    pub threshold: u32,
    /// For how long they are locked; at most a day. Default: 15 minutes.
    pub duration: Duration,
}

/// The shortest wait.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait that is not a lock yet.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How many failures in a row there may be at all before the longest lock.
const MOST_IN_A_ROW: u32 = 100;
/// The longest lock, and for how long failures are remembered.
pub(crate) const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for LockoutPolicy {
    fn default() -> Self {
        Self {
            threshold: 10,
            duration: Duration::from_secs(15 * 60),
        }
    }
}

impl LockoutPolicy {
    /// How long the next attempt has to wait after this many failures in a row.
    pub fn wait_after(&self, failures: u32) -> Duration {
        let first = self.first_waiting();
        if failures >= MOST_IN_A_ROW {
            MEMORY
        } else if failures >= self.threshold() {
            self.duration.min(MEMORY)
        } else if failures >= first {
            let doubled = 1_u32.checked_shl(failures - first).unwrap_or(u32::MAX);
            SHORTEST.saturating_mul(doubled).min(LONGEST_WAIT)
        } else {
            Duration::ZERO
        }
    }

    /// Whether this failure is one of which the owner is told: the first that locks, and the
    /// one that locks for longest. The locks between them are more of the same.
    pub(crate) fn begins_to_lock_at(&self, failures: u32) -> bool {
        failures == self.threshold() || failures == MOST_IN_A_ROW
    }

    /// How many attempts may be under way at once after this many failures, so that not one
    /// more is made than if they came one after the other.
    pub(crate) fn attempts_at_once(&self, failures: u32) -> u32 {
        self.first_waiting().saturating_sub(failures).max(1)
    }

    fn threshold(&self) -> u32 {
        self.threshold.clamp(2, MOST_IN_A_ROW)
    }

    fn first_waiting(&self) -> u32 {
        self.threshold().div_ceil(2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_grow_and_then_lock() {
        let policy = LockoutPolicy::default();
        let waits: Vec<_> = (0..12)
            .map(|failures| policy.wait_after(failures).as_secs())
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 900, 900]);
        assert_eq!(policy.wait_after(99).as_secs(), 900);
        assert_eq!(policy.wait_after(100), MEMORY);
        assert_eq!(policy.wait_after(u32::MAX), MEMORY);
    }

    proptest! {
        #[test]
        fn waits_never_shrink_and_never_last_for_ever(
            threshold in 0_u32..200, minutes in 0_u64..10_000, failures in 0_u32..300,
        ) {
            let policy = LockoutPolicy { threshold, duration: Duration::from_secs(minutes * 60) };
            let wait = policy.wait_after(failures);
            prop_assert!(wait <= MEMORY);
            if minutes > 0 {
                prop_assert!(policy.wait_after(failures + 1) >= wait);
            }
            // Whoever uses up all attempts that are let in at once has to wait.
            let last = failures + policy.attempts_at_once(failures);
            if minutes > 0 {
                prop_assert!(policy.wait_after(last) > Duration::ZERO);
            }
        }
    }
}
