//! The engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::authn::lockout::AttemptGate;
use crate::authn::password::{PasswordHasher, PasswordPolicy, StrengthMeter};
use crate::bell::Bell;
use crate::builder::Builder;
use crate::cache::Caches;
use crate::captcha::CaptchaGate;
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, RequiredIdentity};
use crate::deferred;
use crate::entropy::Entropy;
use crate::error::Failure;
use crate::keys::Keys;
use crate::limits::{InProcessLimiter, RateLimiter};
use crate::mail;
use crate::maintenance;
use crate::store::db::{Change, ChangeListener, Database, StoreError};

/// Of how many accounts and kinds notices are counted at once.
const NOTICES: usize = 4_096;

/// The engine: accounts, login, tokens, sessions and roles on one database.
///
/// Cheap to clone; all clones are one. Two engines in one process know nothing of each other.
///
/// ```
/// use doorward::{Database, Doorward};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Database::connect("sqlite::memory:").await?;
/// let auth = Doorward::builder(database)
///     .secret_key("0123456789abcdef0123456789abcdef")
///     .build()
///     .await?;
/// auth.check_health().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Doorward {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    caches: Arc<Caches>,
    hasher: PasswordHasher,
    strength_meter: StrengthMeter,
    attempts: Arc<AttemptGate>,
    /// Whether somebody came from nowhere, so that no limit by network held.
    misses_addresses: AtomicBool,
    /// Whether somebody was promised a mail, and there is nobody to send it.
    misses_mail: AtomicBool,
    notices: InProcessLimiter,
    /// The bells are heard of by the database's listeners for as long as they are held.
    mail_bell: Arc<Bell>,
    deferred_bell: Arc<Bell>,
    erasure_bell: Arc<Bell>,
    exports: Semaphore,
}

/// What the builder decides, and an engine is put together from.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) database: Database,
    pub(crate) keys: Keys,
    pub(crate) captcha: Option<CaptchaGate>,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
}

impl Doorward {
    /// Begins an engine on this database.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::{Database, Doorward, RequiredIdentity};
    ///
    /// let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
    ///     .secret_key("0123456789abcdef0123456789abcdef")
    ///     .required_identity(RequiredIdentity::Username)
    ///     .build()
    ///     .await?;
    /// # drop(auth);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(database: Database) -> Builder {
        Builder::new(database)
    }

    /// Puts an engine together. Its workers end with the last of its handles.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn assemble(parts: Parts, maintain: bool) -> Self {
        let Parts { database, .. } = &parts;
        let caches = Arc::new(Caches::new(parts.config.cache_sizes));
        let listener: Arc<dyn ChangeListener> = caches.clone();
        database.watch(&listener);
        let mail_bell = hang_bell(database, Change::Outbox);
        let deferred_bell = hang_bell(database, Change::Deferred);
        let erasure_bell = hang_bell(database, Change::Erasure);
        let inner = Arc::new(Inner {
            caches,
            strength_meter: StrengthMeter::new(),
            hasher: PasswordHasher::new(parts.config.hasher.clone(), Arc::clone(&parts.entropy)),
            attempts: Arc::default(),
            misses_addresses: AtomicBool::new(false),
            misses_mail: AtomicBool::new(false),
            notices: InProcessLimiter::with_capacity(NOTICES),
            mail_bell,
            deferred_bell,
            erasure_bell,
            exports: Semaphore::new(1),
            parts,
        });
        if maintain {
            spawn_workers(&inner);
        }
        Self { inner }
    }

    /// Asks the database for an answer.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// match auth.check_health().await {
    ///     Ok(()) => println!("ready"),
    ///     Err(failure) => println!("not ready: {failure}"),
    /// }
    /// # auth.check_health().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where it gives none.
    pub async fn check_health(&self) -> Result<(), Failure> {
        self.database()
            .read(|tx| Box::pin(async move { crate::store::users::probe(tx).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// How long an access token is good for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use std::time::Duration;
    ///
    /// assert_eq!(auth.access_token_ttl(), Duration::from_secs(30 * 60));
    /// # Ok(())
    /// # }
    /// ```
    pub fn access_token_ttl(&self) -> Duration {
        self.config().access_token_ttl
    }

    /// How long a refresh token is good for, and a session that is not used.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use std::time::Duration;
    ///
    /// assert_eq!(auth.refresh_token_ttl(), Duration::from_secs(7 * 24 * 60 * 60));
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh_token_ttl(&self) -> Duration {
        self.config().refresh_token_ttl
    }

    /// What a new password must be like.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// let hint = format!("At least {} characters", auth.password_policy().min_length);
    /// assert_eq!(hint, "At least 8 characters");
    /// # Ok(())
    /// # }
    /// ```
    pub fn password_policy(&self) -> &PasswordPolicy {
        &self.config().password_policy
    }

    /// Which names an account must have.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::RequiredIdentity;
    ///
    /// let label = match auth.required_identity() {
    ///     RequiredIdentity::Email => "E-mail address",
    ///     RequiredIdentity::Username => "Username",
    ///     _ => "Username or e-mail address",
    /// };
    /// assert_eq!(label, "E-mail address");
    /// # Ok(())
    /// # }
    /// ```
    pub fn required_identity(&self) -> RequiredIdentity {
        self.config().required_identity
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.parts.database
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.parts.keys
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.inner.hasher
    }

    pub(crate) fn strength_meter(&self) -> &StrengthMeter {
        &self.inner.strength_meter
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.parts.config
    }

    /// The right to put an export together, held until it is dropped.
    pub(crate) async fn wait_for_export(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.inner
            .exports
            .acquire()
            .await
            .map_err(Failure::internal)
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.parts.entropy
    }

    pub(crate) fn captcha(&self) -> Option<&CaptchaGate> {
        self.inner.parts.captcha.as_ref()
    }

    /// Tells the operator once that limits by network hold nobody whose address is unknown.
    pub(crate) fn warn_of_unknown_addresses(&self) {
        if !self.inner.misses_addresses.swap(true, Ordering::Relaxed) {
            tracing::warn!("client addresses are unknown, so that nobody is limited by network");
        }
    }

    /// Tells the operator once that somebody waits for a mail that nobody sends.
    pub(crate) fn warn_of_missing_mail(&self) {
        if !self.inner.misses_mail.swap(true, Ordering::Relaxed) {
            tracing::warn!("a link was asked for that can't be sent, as there is no mail");
        }
    }

    pub(crate) fn attempts(&self) -> &Arc<AttemptGate> {
        &self.inner.attempts
    }

    /// Counts notices by account and kind.
    pub(crate) fn notices(&self) -> &InProcessLimiter {
        &self.inner.notices
    }

    pub(crate) fn limiter(&self) -> &dyn RateLimiter {
        &*self.inner.parts.limiter
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }
}

fn spawn_workers(inner: &Arc<Inner>) {
    let weak = Arc::downgrade(inner);
    let engine = move || weak.upgrade().map(|inner| Doorward { inner });
    maintenance::spawn(Arc::clone(&inner.erasure_bell), engine.clone());
    deferred::spawn(Arc::clone(&inner.deferred_bell), engine.clone());
    mail::spawn(Arc::clone(&inner.mail_bell), engine);
}

fn hang_bell(database: &Database, rung_by: Change) -> Arc<Bell> {
    let bell = Arc::new(Bell::rung_by(rung_by));
    let listener: Arc<dyn ChangeListener> = bell.clone();
    database.watch(&listener);
    bell
}
