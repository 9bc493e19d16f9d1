//! A bounded cache whose entries can be forgotten without being found.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

/// How many keys share a generation: one in this many others is forgotten by chance.
const STRIPES: usize = 4096;

/// A bounded cache of what the database holds.
///
/// Every key belongs to a stripe, and every stripe has a generation. An entry carries the
/// generation at which its fill *began*, and counts only while that is still the stripe's:
/// so to forget is to step the generation on, and a fill that began before can't bring
/// back what it read, however late it ends.
#[derive(Debug)]
pub(crate) struct Striped<K, V> {
    entries: Cache<K, Entry<V>>,
    generations: Box<[AtomicU64]>,
    hasher: RandomState,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    generation: u64,
    value: V,
}

/// The right to fill in what is read from now on.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Ticket(u64);

impl<K: Eq + Hash + Clone, V: Clone> Striped<K, V> {
    /// A cache of at most `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: Cache::new(capacity),
            generations: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is cached for `key` and was not forgotten.
    pub(crate) fn find(&self, key: &K) -> Option<V> {
        let entry = self.entries.get(key)?;
        let fresh = entry.generation == self.generation(key).load(Ordering::SeqCst);
        fresh.then_some(entry.value)
    }

    /// To be called before the database is read for `key`.
    pub(crate) fn begin(&self, key: &K) -> Ticket {
        Ticket(self.generation(key).load(Ordering::SeqCst))
    }

    /// Fills in what was read after the ticket was drawn.
    pub(crate) fn fill(&self, key: K, value: V, ticket: Ticket) {
        self.entries.insert(
            key,
            Entry {
                generation: ticket.0,
                value,
            },
        );
    }

    /// Forgets what is cached for `key`, and what is being read for it at this moment.
    pub(crate) fn forget(&self, key: &K) {
        self.generation(key).fetch_add(1, Ordering::SeqCst);
    }

    /// Forgets everything, and everything that is being read at this moment.
    pub(crate) fn forget_all(&self) {
        for generation in &self.generations {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn generation(&self, key: &K) -> &AtomicU64 {
        // The remainder keeps the position below the number of stripes.
        let position = self.hasher.hash_one(key) % STRIPES as u64;
        &self.generations[usize::try_from(position).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// What can happen to a cache, in any order: reads overlap with writes at will.
    #[derive(Clone, Debug)]
    enum Step {
        BeginFill(u8),
        EndFill(u8),
        Write(u8),
        WriteUnknown(u8),
        Find(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = 0u8..4;
        prop_oneof![
            key.clone().prop_map(Step::BeginFill),
            key.clone().prop_map(Step::EndFill),
            key.clone().prop_map(Step::Write),
            key.clone().prop_map(Step::WriteUnknown),
            key.prop_map(Step::Find),
        ]
    }

    proptest! {
        /// The model is the database: whatever is found must be what it holds now, because
        /// every write forgets before it is over.
        #[test]
        fn what_is_found_is_never_older_than_the_last_write(
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let cache = Striped::new(16);
            let mut database = HashMap::<u8, u32>::new();
            let mut fills = HashMap::<u8, Vec<(Ticket, u32)>>::new();
            for step in steps {
                match step {
                    Step::BeginFill(key) => {
                        let ticket = cache.begin(&key);
                        let read = *database.entry(key).or_default();
                        fills.entry(key).or_default().push((ticket, read));
                    }
                    // The oldest fill ends first, long after newer writes.
                    Step::EndFill(key) => {
                        let pending = fills.entry(key).or_default();
                        if !pending.is_empty() {
                            let (ticket, read) = pending.remove(0);
                            cache.fill(key, read, ticket);
                        }
                    }
                    Step::Write(key) => {
                        *database.entry(key).or_default() += 1;
                        cache.forget(&key);
                    }
                    Step::WriteUnknown(key) => {
                        *database.entry(key).or_default() += 1;
                        cache.forget_all();
                    }
                    Step::Find(key) => {
                        if let Some(found) = cache.find(&key) {
                            prop_assert_eq!(found, *database.entry(key).or_default());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_filled_is_found() {
        let cache = Striped::new(16);
        let ticket = cache.begin(&1);
        cache.fill(1, "value", ticket);
        assert_eq!(cache.find(&1), Some("value"));
    }

    #[test]
    fn a_fill_that_began_before_a_forget_does_not_count() {
        let cache = Striped::new(16);
        let ticket = cache.begin(&1);
        cache.forget(&1);
        cache.fill(1, "old", ticket);
        assert_eq!(cache.find(&1), None);
    }
}
