//! A bounded cache whose entries are invalidated without being looked up.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

/// How many generations there are. Keys share them, so invalidating one key also invalidates one
/// in this many others.
const STRIPES: usize = 4096;

/// A bounded cache of data from the database.
///
/// Every key belongs to a stripe, and every stripe has a generation. An entry carries the
/// generation at which its fill began, and is valid only while the stripe still has that
/// generation. To invalidate a key is to increment its generation. So a fill that began before an
/// invalidation can't bring old data back, however late it ends.
#[derive(Debug)]
pub(crate) struct GenerationCache<K, V> {
    entries: Cache<K, Entry<V>>,
    generations: Box<[AtomicU64]>,
    hasher: RandomState,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    generation: u64,
    value: V,
}

/// Permits one fill with data that is read after the permit was issued.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct FillPermit(u64);

impl<K: Eq + Hash + Clone, V: Clone> GenerationCache<K, V> {
    /// Creates a cache of at most `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: Cache::new(capacity),
            generations: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Returns the entry of `key`, unless it was invalidated.
    pub(crate) fn find(&self, key: &K) -> Option<V> {
        let entry = self.entries.get(key)?;
        let valid = entry.generation == self.generation(key).load(Ordering::SeqCst);
        valid.then_some(entry.value)
    }

    /// Begins a fill. Call it before the database is read for `key`.
    pub(crate) fn begin_fill(&self, key: &K) -> FillPermit {
        FillPermit(self.generation(key).load(Ordering::SeqCst))
    }

    /// Stores data that was read after the permit was issued.
    pub(crate) fn fill(&self, key: K, value: V, permit: FillPermit) {
        let generation = permit.0;
        self.entries.insert(key, Entry { generation, value });
    }

    /// Invalidates the entry of `key`, and all fills of it that have begun.
    pub(crate) fn invalidate(&self, key: &K) {
        self.generation(key).fetch_add(1, Ordering::SeqCst);
    }

    /// Invalidates all entries, and all fills that have begun.
    pub(crate) fn invalidate_all(&self) {
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

    /// A step of a reader or a writer. Reads and writes overlap in any order.
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
        /// The model is the database. Every write invalidates before it ends, so an entry that is
        /// found must equal what the database holds.
        #[test]
        fn find_never_returns_an_entry_older_than_the_last_write(
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let cache = GenerationCache::new(16);
            let mut database = HashMap::<u8, u32>::new();
            let mut fills = HashMap::<u8, Vec<(FillPermit, u32)>>::new();
            for step in steps {
                match step {
                    Step::BeginFill(key) => {
                        let permit = cache.begin_fill(&key);
                        let read = *database.entry(key).or_default();
                        fills.entry(key).or_default().push((permit, read));
                    }
                    // The oldest fill ends first, long after newer writes.
                    Step::EndFill(key) => {
                        let pending = fills.entry(key).or_default();
                        if !pending.is_empty() {
                            let (permit, read) = pending.remove(0);
                            cache.fill(key, read, permit);
                        }
                    }
                    Step::Write(key) => {
                        *database.entry(key).or_default() += 1;
                        cache.invalidate(&key);
                    }
                    Step::WriteUnknown(key) => {
                        *database.entry(key).or_default() += 1;
                        cache.invalidate_all();
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
    fn find_returns_a_filled_entry() {
        let cache = GenerationCache::new(16);
        let permit = cache.begin_fill(&1);
        cache.fill(1, "value", permit);
        assert_eq!(cache.find(&1), Some("value"));
    }

    #[test]
    fn find_ignores_a_fill_that_began_before_an_invalidation() {
        let cache = GenerationCache::new(16);
        let permit = cache.begin_fill(&1);
        cache.invalidate(&1);
        cache.fill(1, "old", permit);
        assert_eq!(cache.find(&1), None);
    }
}
