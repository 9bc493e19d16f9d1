//! Hashing and verifying off the threads that answer requests.

use std::{num::NonZeroUsize, sync::Arc, thread, time::Duration};

use thiserror::Error;

use super::blocks::Blocks;
use super::pool::{Full, Limits, Pool};
use super::scheme::{Argon2Error, SALT_LEN, hash_new};
use super::{Argon2Params, Verdict, work};
use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::domain::password::{Password, PasswordHash};

/// How long a thread keeps its memory while there is nothing to hash. Long
/// enough to bridge the gaps of a busy server, short enough that an idle one
/// is small.
const IDLE: Duration = Duration::from_secs(5);

/// How a [`PasswordHasher`] is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HasherConfig {
    /// The cost of new hashes. Default: 19,456 KiB, two iterations, one lane.
    pub params: Argon2Params,
    /// The most hashes computed at a time, each on a thread and in memory of
    /// its own. Default: the number of cores.
    pub threads: NonZeroUsize,
    /// How many hashes may wait for each of these threads; more are refused.
    /// Default: 64, which is a wait of one or two seconds.
    pub queue_per_thread: usize,
}

impl Default for HasherConfig {
    fn default() -> Self {
        Self {
            params: Argon2Params::default(),
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue_per_thread: 64,
        }
    }
}

/// Hashes and verifies passwords on a bounded pool of its own threads.
///
/// A hash takes a core for tens of milliseconds and many MiB. Unbounded, a
/// storm of logins would take all memory; on the threads of the async runtime
/// it would stop every other request. Here it takes at most `threads` times
/// the memory of one hash, at a lower priority than everything else (on
/// Linux), and what the queue does not hold is refused at once.
///
/// Threads start when they are needed and end, with their memory, after five
/// seconds without work. Dropping the hasher ends them.
///
/// ```
/// use std::sync::Arc;
///
/// use doorward::{HasherConfig, Password, PasswordHasher, SystemEntropy, Verdict};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let hasher = PasswordHasher::new(HasherConfig::default(), Arc::new(SystemEntropy));
/// let password = Password::new("correct horse".to_owned());
///
/// let stored = hasher.hash(password.clone()).await?;
/// assert!(stored.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
///
/// let verdict = hasher.verify(password, Some(stored)).await?;
/// assert_eq!(verdict, Verdict::Match { needs_upgrade: false });
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PasswordHasher {
    params: Argon2Params,
    entropy: Arc<dyn Entropy>,
    pool: Pool,
}

/// The hasher cannot take up another password now: its queue is full, or the
/// system gives it no thread or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many passwords are being hashed; try again in {} s", retry_after.as_secs())]
pub struct HasherBusy {
    /// When there should be room again, in whole seconds: from one to thirty.
    pub retry_after: Duration,
}

impl PasswordHasher {
    /// A hasher that draws its salts from `entropy`. Starts no thread yet.
    pub fn new(config: HasherConfig, entropy: Arc<dyn Entropy>) -> Self {
        let limits = Limits {
            threads: config.threads,
            queue: config.threads.get().saturating_mul(config.queue_per_thread),
            idle: IDLE,
            kept_blocks: usize::try_from(config.params.memory_kib()).unwrap_or(usize::MAX),
        };
        Self {
            params: config.params,
            entropy,
            pool: Pool::new(limits),
        }
    }

    /// The cost of new hashes.
    pub fn params(&self) -> &Argon2Params {
        &self.params
    }

    /// Checks that a password would be taken up now, so that a caller with
    /// other work to do first can refuse early. The answer may have changed by
    /// the time of the call.
    ///
    /// # Errors
    ///
    /// [`HasherBusy`] when the queue is full.
    pub fn check_room(&self) -> Result<(), HasherBusy> {
        self.pool.check_room().map_err(HasherBusy::from)
    }

    /// Hashes a new password with a fresh salt.
    ///
    /// If the future is dropped before a thread is free, nothing is computed.
    ///
    /// # Errors
    ///
    /// [`HasherBusy`], at once, when the queue is full or no thread can be
    /// started; or when the system has no memory for the hash.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, HasherBusy> {
        let mut salt = [0; SALT_LEN];
        self.entropy.fill(&mut salt);
        let params = self.params;
        self.run(move |blocks| hash_new(password.as_bytes(), &salt, &params, blocks))
            .await
    }

    /// Verifies `password` against what is stored for the account.
    ///
    /// `None` stands for an unknown account, or one without a password: it is
    /// a mismatch after the time of a hash at the current cost, and so is a
    /// stored hash that cannot be used.
    ///
    /// If the future is dropped before a thread is free, nothing is computed.
    ///
    /// # Errors
    ///
    /// [`HasherBusy`], at once, when the queue is full or no thread can be
    /// started; or when the system has no memory for the hash.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, HasherBusy> {
        let params = self.params;
        self.run(move |blocks| work::verify(&password, stored.as_ref(), &params, blocks))
            .await
    }

    async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Blocks) -> Result<R, Argon2Error> + Send + 'static,
    ) -> Result<R, HasherBusy> {
        let answer = self.pool.submit(work).map_err(HasherBusy::from)?;
        match answer.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => {
                tracing::error!(%error, "cannot hash a password");
                Err(HasherBusy::after(Duration::ZERO))
            }
            // The job panicked, which the pool has logged.
            Err(_) => Err(HasherBusy::after(Duration::ZERO)),
        }
    }
}

impl HasherBusy {
    const SHORTEST: u64 = 1;
    const LONGEST: u64 = 30;

    fn after(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Self {
            retry_after: Duration::from_secs(seconds.clamp(Self::SHORTEST, Self::LONGEST)),
        }
    }
}

impl From<Full> for HasherBusy {
    fn from(full: Full) -> Self {
        Self::after(full.drained_in)
    }
}

impl From<HasherBusy> for Failure {
    fn from(busy: HasherBusy) -> Self {
        let retry_after = Some(busy.retry_after);
        Self::of("too many passwords wait to be hashed", retry_after, busy)
    }
}

#[cfg(test)]
mod tests;
