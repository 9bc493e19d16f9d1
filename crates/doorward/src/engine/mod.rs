//! What the operations work with: all dependencies of an engine, and the checks that most
//! operations begin with. Operations themselves stand in [`ops`](crate::ops).

pub(crate) mod audit;
pub(crate) mod captcha;
pub(crate) mod config;
mod doorward;
pub(crate) mod hooks;
pub(crate) mod limits;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::cache::Caches;
use crate::captcha::CaptchaGate;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::domain::jobs::Queue;
use crate::keys::{KeyRing, KeySet};
use crate::limits::{InProcessLimiter, RateLimiter};
use crate::lockout::AttemptGate;
use crate::password::{PasswordHasher, StrengthMeter};
use crate::signal::WorkerSignal;
use crate::store::db::{Change, ChangeListener, Database};
use config::Config;

pub use doorward::Doorward;

/// The number of accounts and kinds for which notices are counted at a time.
const NOTICES: usize = 4_096;

/// Everything that operations need. It has no operations of its own.
#[derive(Debug)]
pub(crate) struct Engine {
    dependencies: EngineDeps,
    caches: Arc<Caches>,
    hasher: PasswordHasher,
    strength_meter: StrengthMeter,
    attempts: Arc<AttemptGate>,
    /// Whether the warning about unknown client addresses was logged.
    misses_addresses: AtomicBool,
    /// Whether the warning about links that no mailer sends was logged.
    misses_mail: AtomicBool,
    notices: InProcessLimiter,
    /// The database notifies the signals for as long as they are held.
    mail_signal: Arc<WorkerSignal>,
    deferred_signal: Arc<WorkerSignal>,
    erasure_signal: Arc<WorkerSignal>,
    exports: Semaphore,
}

/// What the builder decides, and an engine is made from.
#[derive(Debug)]
pub(crate) struct EngineDeps {
    pub(crate) database: Database,
    pub(crate) keys: KeyRing,
    pub(crate) captcha: Option<CaptchaGate>,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
}

impl Engine {
    /// Makes an engine, whose caches and signals follow the changes of the database.
    pub(crate) fn new(dependencies: EngineDeps) -> Self {
        let EngineDeps {
            database,
            config,
            entropy,
            ..
        } = &dependencies;
        let caches = Arc::new(Caches::new(config.cache_sizes, Arc::clone(database.bus())));
        let listener: Arc<dyn ChangeListener> = caches.clone();
        database.bus().watch(&listener);
        Self {
            caches,
            hasher: PasswordHasher::new(config.hasher.clone(), Arc::clone(entropy)),
            strength_meter: StrengthMeter::new(),
            attempts: Arc::default(),
            misses_addresses: AtomicBool::new(false),
            misses_mail: AtomicBool::new(false),
            notices: InProcessLimiter::with_capacity(NOTICES),
            mail_signal: watch(database, Change::Jobs(Queue::Mail)),
            deferred_signal: watch(database, Change::Jobs(Queue::Deferred)),
            erasure_signal: watch(database, Change::Erasure),
            exports: Semaphore::new(1),
            dependencies,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.dependencies.database
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Returns the keys of this moment.
    pub(crate) fn keys(&self) -> Arc<KeySet> {
        self.key_ring().current()
    }

    pub(crate) fn key_ring(&self) -> &KeyRing {
        &self.dependencies.keys
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    pub(crate) fn strength_meter(&self) -> &StrengthMeter {
        &self.strength_meter
    }

    /// Raised by a new job of this queue.
    pub(crate) fn job_signal(&self, queue: Queue) -> &Arc<WorkerSignal> {
        match queue {
            Queue::Deferred => &self.deferred_signal,
            Queue::Mail => &self.mail_signal,
        }
    }

    /// Raised by the deletion of an account.
    pub(crate) fn erasure_signal(&self) -> &Arc<WorkerSignal> {
        &self.erasure_signal
    }

    pub(crate) fn config(&self) -> &Config {
        &self.dependencies.config
    }

    /// The right to put an export together, held until it is dropped.
    pub(crate) async fn wait_for_export(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.exports.acquire().await.map_err(Failure::internal)
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.dependencies.entropy
    }

    pub(crate) fn captcha(&self) -> Option<&CaptchaGate> {
        self.dependencies.captcha.as_ref()
    }

    /// Tells the operator once that limits by network hold nobody whose address is unknown.
    pub(crate) fn warn_of_unknown_addresses(&self) {
        if !self.misses_addresses.swap(true, Ordering::Relaxed) {
            tracing::warn!("client addresses are unknown, so that nobody is limited by network");
        }
    }

    /// Tells the operator once that somebody waits for a mail that nobody sends.
    pub(crate) fn warn_of_missing_mail(&self) {
        if !self.misses_mail.swap(true, Ordering::Relaxed) {
            tracing::warn!("a link was asked for that can't be sent, as there is no mail");
        }
    }

    pub(crate) fn attempts(&self) -> &Arc<AttemptGate> {
        &self.attempts
    }

    /// Counts notices by account and kind.
    pub(crate) fn notices(&self) -> &InProcessLimiter {
        &self.notices
    }

    pub(crate) fn limiter(&self) -> &dyn RateLimiter {
        &*self.dependencies.limiter
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }

    /// Whether there is a mailer.
    pub(crate) fn sends_mail(&self) -> bool {
        self.config().mail.is_some()
    }
}

fn watch(database: &Database, raised_by: Change) -> Arc<WorkerSignal> {
    let signal = Arc::new(WorkerSignal::raised_by(raised_by));
    let listener: Arc<dyn ChangeListener> = signal.clone();
    database.bus().watch(&listener);
    signal
}
