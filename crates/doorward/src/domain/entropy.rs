//! Randomness as a parameter: the [`Entropy`] source.

use std::fmt::Debug;

/// A source of cryptographically secure random bytes.
///
/// Every identifier, salt and token of the engine comes from its source, so that
/// a test can seed it.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use doorward::{Entropy, SystemEntropy};
///
/// /// Counts how many random bytes are taken.
/// #[derive(Debug, Default)]
/// struct Counted {
///     taken: AtomicUsize,
/// }
///
/// impl Entropy for Counted {
///     fn fill(&self, bytes: &mut [u8]) {
///         self.taken.fetch_add(bytes.len(), Ordering::Relaxed);
///         SystemEntropy.fill(bytes);
///     }
/// }
///
/// let entropy = Counted::default();
/// entropy.fill(&mut [0; 32]);
/// assert_eq!(entropy.taken.load(Ordering::Relaxed), 32);
/// ```
pub trait Entropy: Send + Sync + Debug {
    /// Fills `bytes` with fresh random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random number generator, by way of AWS-LC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        clippy::panic,
        reason = "the one place where the engine reads the system's randomness; \
                  to go on without any would be worse than to stop"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            panic!("the operating system gives no random bytes");
        }
    }
}
