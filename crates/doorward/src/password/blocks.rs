//! The memory that Argon2 works in.

use argon2::Block;
use thiserror::Error;
use zeroize::Zeroize;

/// The memory of one hashing thread, kept from job to job: to fetch 19 MiB of
/// fresh pages for each hash would cost page faults each time.
#[derive(Debug)]
pub(super) struct Blocks {
    kept: Wiped,
    kept_len: usize,
}

/// The system has no memory left for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no memory left to hash a password")]
pub(super) struct OutOfMemory;

impl Blocks {
    /// Allocates nothing yet. Requests of up to `kept_len` blocks will share
    /// one allocation of that size.
    pub(super) fn new(kept_len: usize) -> Self {
        Self {
            kept: Wiped(Vec::new()),
            kept_len,
        }
    }

    /// Calls `work` with at least `len` blocks of any content.
    ///
    /// More than are kept (a stored hash of higher cost than today's) are
    /// allocated for this call alone, so that a thread never holds on to more
    /// than its share.
    pub(super) fn lend<R>(
        &mut self,
        len: usize,
        work: impl FnOnce(&mut [Block]) -> R,
    ) -> Result<R, OutOfMemory> {
        if len > self.kept_len {
            let mut once = Wiped::of(len)?;
            return Ok(work(&mut once.0));
        }
        if self.kept.0.is_empty() {
            self.kept = Wiped::of(self.kept_len)?;
        }
        Ok(work(&mut self.kept.0))
    }
}

#[cfg(test)]
impl Blocks {
    /// Whether Argon2 has run within the blocks that are kept.
    pub(super) fn were_lent(&self) -> bool {
        !self.kept.0.is_empty()
    }
}

/// Blocks that are zeroed when they go. Between two jobs they are not: the
/// next job overwrites them, and to zero them each time would slow down every
/// hash by a twentieth.
struct Wiped(Vec<Block>);

impl Wiped {
    fn of(len: usize) -> Result<Self, OutOfMemory> {
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(len).map_err(|_| OutOfMemory)?;
        blocks.resize(len, Block::new());
        Ok(Self(blocks))
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

impl std::fmt::Debug for Wiped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blocks({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_kept_and_what_does_not_is_given_back() {
        let mut blocks = Blocks::new(16);
        let first = blocks.lend(8, |b| (b.as_ptr(), b.len())).unwrap();
        assert_eq!(blocks.lend(16, |b| (b.as_ptr(), b.len())), Ok(first));
        assert_eq!(blocks.lend(17, |b| b.len()), Ok(17));
        assert_eq!(blocks.kept.0.len(), 16);
    }

    #[test]
    fn too_much_is_an_error_rather_than_an_abort() {
        let refused = Blocks::new(16).lend(usize::MAX / 1024, |_| ());
        assert_eq!(refused, Err(OutOfMemory));
    }
}
