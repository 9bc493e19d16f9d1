//! A few counters that share a lock.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Decision;
use crate::domain::clock::Timestamp;
use crate::domain::limits::Rate;

/// How many counters share a lock, and are compared when one must go.
pub(super) const WAYS: usize = 16;

/// The counters of one shard, never more than [`WAYS`].
#[derive(Debug, Default)]
pub(super) struct Counters(Vec<Counter>);

/// What one key owes: the generic cell rate algorithm (ITU-T I.371), kept as a debt.
///
/// Each cost of one adds the window's milliseconds to the debt, and each millisecond that
/// passes takes the limit off it, so that everything is a whole number and nothing is
/// ever rounded. The limit is reached where the debt is the product of both. A debt, unlike
/// a date until which to wait, stands still when the clock is set back: then it is paid off
/// from the new time on, within one window at the most.
#[derive(Clone, Copy, Debug)]
struct Counter {
    name: u64,
    rate: Rate,
    debt: u64,
    as_of: Timestamp,
}

impl Counters {
    pub(super) fn take(&mut self, name: u64, rate: Rate, cost: u32, now: Timestamp) -> Decision {
        if let Some(counter) = self.0.iter_mut().find(|counter| counter.name == name) {
            return counter.take(cost, now);
        }
        let mut counter = Counter {
            name,
            rate,
            debt: 0,
            as_of: now,
        };
        let decision = counter.take(cost, now);
        if counter.debt > 0 {
            self.insert(counter, now);
        }
        decision
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn insert(&mut self, counter: Counter, now: Timestamp) {
        if self.0.len() < WAYS {
            self.0.push(counter);
            return;
        }
        let lightest = self.0.iter_mut().min_by(|a, b| a.cmp_use(b, now));
        if let Some(lightest) = lightest {
            *lightest = counter;
        }
    }
}

impl Counter {
    fn take(&mut self, cost: u32, now: Timestamp) -> Decision {
        self.debt = self.debt_at(now);
        self.as_of = now;
        let window = self.rate.window_millis();
        let wanted = u64::from(cost.max(1)).saturating_mul(window);
        let missing = self.debt.saturating_add(wanted).saturating_sub(self.full());
        if missing == 0 && cost > 0 {
            self.debt += wanted;
        }
        // More than there ever is fits after no time at all; nobody is told more than a window.
        let wait = missing.div_ceil(u64::from(self.rate.limit())).min(window);
        let remaining = (self.full() - self.debt) / window;
        Decision {
            is_allowed: missing == 0,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            retry_after: Duration::from_millis(wait),
        }
    }

    /// The debt that uses up the limit.
    fn full(&self) -> u64 {
        u64::from(self.rate.limit()) * self.rate.window_millis()
    }

    fn debt_at(&self, now: Timestamp) -> u64 {
        let passed = u64::try_from(now.since(self.as_of).as_millis()).unwrap_or(u64::MAX);
        let paid = passed.saturating_mul(u64::from(self.rate.limit()));
        self.debt.saturating_sub(paid)
    }

    /// Which of two has used the smaller part of its limit.
    fn cmp_use(&self, other: &Self, now: Timestamp) -> std::cmp::Ordering {
        let part = |one: &Self, of: &Self| u128::from(one.debt_at(now)) * u128::from(of.full());
        part(self, other).cmp(&part(other, self))
    }
}
