//! The cost of new hashes.

use thiserror::Error;

/// The cost of one Argon2id hash (RFC 9106, section 3.1).
///
/// The default is the first choice of OWASP's password storage cheat sheet:
/// 19,456 KiB, two iterations, one lane.
///
/// ```
/// use doorward::Argon2Params;
///
/// let params = Argon2Params::new(65_536, 3, 1)?;
/// assert_eq!(params.memory_kib(), 65_536);
/// assert_eq!(Argon2Params::default().memory_kib(), 19_456);
/// # Ok::<(), doorward::InvalidArgon2Params>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl Argon2Params {
    /// The most memory one hash may take, new or stored: 256 MiB.
    pub const MAX_MEMORY_KIB: u32 = 256 * 1024;

    /// The most lanes one hash may have, new or stored.
    pub const MAX_PARALLELISM: u32 = 64;

    /// The most memory times iterations, new or stored: 4 GiB, which is three
    /// seconds or so of one core.
    pub const MAX_WORK_KIB: u64 = 4 * 1024 * 1024;

    /// A cost of `memory_kib` KiB, passed over `iterations` times, in
    /// `parallelism` lanes. Lanes are computed one after the other: more of
    /// them make a hash no faster here.
    ///
    /// # Errors
    ///
    /// [`InvalidArgon2Params`] when `memory_kib` is below 8 per lane or above
    /// [`MAX_MEMORY_KIB`](Self::MAX_MEMORY_KIB), `iterations` is zero,
    /// `parallelism` is zero or above
    /// [`MAX_PARALLELISM`](Self::MAX_PARALLELISM), or memory times iterations
    /// exceeds [`MAX_WORK_KIB`](Self::MAX_WORK_KIB).
    pub fn new(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
    ) -> Result<Self, InvalidArgon2Params> {
        if !(1..=Self::MAX_PARALLELISM).contains(&parallelism) {
            return Err(InvalidArgon2Params::Parallelism);
        }
        if !(8 * parallelism..=Self::MAX_MEMORY_KIB).contains(&memory_kib) {
            return Err(InvalidArgon2Params::Memory);
        }
        let work = u64::from(memory_kib) * u64::from(iterations);
        if iterations == 0 || work > Self::MAX_WORK_KIB {
            return Err(InvalidArgon2Params::Iterations);
        }
        Ok(Self {
            memory_kib,
            iterations,
            parallelism,
        })
    }

    /// The memory of one hash in KiB.
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// How often the memory is passed over.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The number of lanes.
    pub fn parallelism(&self) -> u32 {
        self.parallelism
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}

/// A cost outside the limits of [`Argon2Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidArgon2Params {
    /// Too few or too many KiB.
    #[error("Argon2 memory must be at least 8 KiB a lane and at most 262144 KiB")]
    Memory,
    /// No iteration, or too many for that memory.
    #[error("Argon2 iterations must be at least 1, and memory times iterations at most 4 GiB")]
    Iterations,
    /// No lane, or too many.
    #[error("Argon2 parallelism must be between 1 and 64")]
    Parallelism,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        assert_eq!(Argon2Params::new(19_456, 2, 1), Ok(Argon2Params::default()));
    }

    #[test]
    fn the_limits_hold_on_both_sides() {
        use InvalidArgon2Params::{Iterations, Memory, Parallelism};
        for (params, expected) in [
            ((8, 1, 1), None),
            ((7, 1, 1), Some(Memory)),
            ((64 * 8, 1, 64), None),
            ((64 * 8 - 1, 1, 64), Some(Memory)),
            ((262_144, 16, 1), None),
            ((262_144, 17, 1), Some(Iterations)),
            ((262_145, 1, 1), Some(Memory)),
            ((19_456, 0, 1), Some(Iterations)),
            ((8, u32::MAX, 1), Some(Iterations)),
            ((19_456, 2, 0), Some(Parallelism)),
            ((19_456, 2, 65), Some(Parallelism)),
            ((u32::MAX, u32::MAX, u32::MAX), Some(Parallelism)),
        ] {
            let (memory, iterations, parallelism) = params;
            let made = Argon2Params::new(memory, iterations, parallelism);
            assert_eq!(made.err(), expected, "{params:?}");
        }
    }
}
