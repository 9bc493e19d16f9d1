//! The engine, and how it is built.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::authn::LockoutPolicy;
use crate::authn::lockout::AttemptGate;
use crate::authn::password::{
    BreachedPasswords, HasherConfig, PasswordHasher, PasswordPolicy, StrengthMeter,
};
use crate::authz::RoleName;
use crate::bell::Bell;
use crate::cache::{CacheSizes, Caches};
use crate::captcha::{CaptchaConfig, CaptchaGate, InvalidDifficulty};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Config, RequiredIdentity};
use crate::deferred;
use crate::entropy::{Entropy, SystemEntropy};
use crate::error::Failure;
use crate::keys::Keys;
use crate::limits::{InProcessLimiter, RateLimiter, RateLimits};
use crate::mail::{self, MailConfig};
use crate::maintenance::{self, Retention};
use crate::secret::SecretKey;
use crate::store::db::{Change, ChangeListener, Database, MigrateError, StoreError};

/// The shortest secret that may sign tokens, in bytes (RFC 7518 §3.2 asks for 32; what a
/// deployment demands beyond this is its own affair).
const SHORTEST_SECRET: usize = 16;

/// Of how many accounts and kinds notices are counted at once.
const NOTICES: usize = 4_096;

/// The engine: accounts, login, tokens, sessions and roles on one database.
///
/// Cheap to clone; all clones are one. Two engines in one process know nothing of each other.
///
/// ```
/// use doorward::{Database, Doorward, SecretKey};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Database::connect("sqlite::memory:").await?;
/// let auth = Doorward::builder(database)
///     .secret_key(SecretKey::new("0123456789abcdef0123456789abcdef"))
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
    database: Database,
    caches: Arc<Caches>,
    keys: Keys,
    hasher: PasswordHasher,
    strength_meter: StrengthMeter,
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limiter: Arc<dyn RateLimiter>,
    captcha: Option<CaptchaGate>,
    attempts: Arc<AttemptGate>,
    notices: InProcessLimiter,
    /// The bells are heard of by the database's listeners for as long as they are held.
    mail_bell: Arc<Bell>,
    deferred_bell: Arc<Bell>,
    erasure_bell: Arc<Bell>,
    exports: Semaphore,
}

/// Why an engine could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No secret was given.
    #[error("a secret key is needed: call `secret_key`")]
    SecretMissing,
    /// The secret has less than 16 bytes.
    #[error("the secret key has less than {SHORTEST_SECRET} bytes")]
    SecretTooShort,
    /// Proofs of work are to be harder or easier than 1 to 28 bits.
    #[error("the difficulty of captchas is not one of 1 to 28 bits")]
    CaptchaDifficulty,
    /// Registrations are to reveal nothing, and there is no mail to tell the rest.
    #[error("registrations that reveal nothing need mail")]
    MailMissing,
    /// The database's schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The keys could not be derived.
    #[error("the keys could not be derived")]
    Internal(#[from] Failure),
}

impl From<InvalidDifficulty> for BuildError {
    fn from(_: InvalidDifficulty) -> Self {
        Self::CaptchaDifficulty
    }
}

/// The decisions to make before there is an engine; every one but the secret has a default.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    database: Database,
    secret: Option<SecretKey>,
    config: Config,
    migrate: bool,
    maintain: bool,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limiter: Arc<dyn RateLimiter>,
}

impl Doorward {
    /// Begins an engine on this database.
    pub fn builder(database: Database) -> Builder {
        Builder {
            database,
            secret: None,
            config: Config::default(),
            migrate: true,
            maintain: true,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            limiter: Arc::new(InProcessLimiter::default()),
        }
    }

    /// Asks the database for an answer.
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
    pub fn access_token_ttl(&self) -> Duration {
        self.config().access_token_ttl
    }

    /// How long a refresh token is good for, and a session that is not used.
    pub fn refresh_token_ttl(&self) -> Duration {
        self.config().refresh_token_ttl
    }

    /// What a new password must be like.
    pub fn password_policy(&self) -> &PasswordPolicy {
        &self.config().password_policy
    }

    /// Which names an account must have.
    pub fn required_identity(&self) -> RequiredIdentity {
        self.config().required_identity
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.inner.hasher
    }

    pub(crate) fn strength_meter(&self) -> &StrengthMeter {
        &self.inner.strength_meter
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
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
        &*self.inner.entropy
    }

    pub(crate) fn captcha(&self) -> Option<&CaptchaGate> {
        self.inner.captcha.as_ref()
    }

    pub(crate) fn attempts(&self) -> &Arc<AttemptGate> {
        &self.inner.attempts
    }

    /// Counts notices by account and kind.
    pub(crate) fn notices(&self) -> &InProcessLimiter {
        &self.inner.notices
    }

    pub(crate) fn limiter(&self) -> &dyn RateLimiter {
        &*self.inner.limiter
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }
}

impl Builder {
    /// The secret that signs tokens and that every other key is derived from. Required.
    pub fn secret_key(mut self, secret: SecretKey) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Who issues tokens, their `iss`. Default: `doorward`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.config.issuer = issuer.into();
        self
    }

    /// Whom access tokens are for, their `aud`. Default: nobody in particular.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.config.audience = Some(audience.into());
        self
    }

    /// How long an access token is good for. Default: 30 minutes.
    pub fn access_token_ttl(mut self, ttl: Duration) -> Self {
        self.config.access_token_ttl = ttl;
        self
    }

    /// How long a session lives after its refresh token was last used. Default: 7 days.
    pub fn refresh_token_ttl(mut self, ttl: Duration) -> Self {
        self.config.refresh_token_ttl = ttl;
        self
    }

    /// For how long the previous refresh token is answered with the same successor again.
    /// Default: 10 seconds.
    pub fn refresh_retry(mut self, retry: Duration) -> Self {
        self.config.refresh_retry = retry;
        self
    }

    /// What passwords must be like.
    pub fn password_policy(mut self, policy: PasswordPolicy) -> Self {
        self.config.password_policy = policy;
        self
    }

    /// Who knows passwords from data breaches, which nobody may choose. Default: nobody.
    pub fn breached_passwords(mut self, breached: Arc<dyn BreachedPasswords>) -> Self {
        self.config.breached_passwords = Some(breached);
        self
    }

    /// What hashing a password costs, and how many are hashed at once.
    pub fn hasher(mut self, config: HasherConfig) -> Self {
        self.config.hasher = config;
        self
    }

    /// Which roles somebody who registers may ask for. Default: `user` alone, which is
    /// also what everybody gets who asks for none.
    pub fn self_assignable_roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.config.self_assignable_roles = roles.into_iter().collect();
        self
    }

    /// Which names an account must have. Default: an e-mail address.
    pub fn required_identity(mut self, identity: RequiredIdentity) -> Self {
        self.config.required_identity = identity;
        self
    }

    /// How much is kept in memory.
    pub fn cache_sizes(mut self, sizes: CacheSizes) -> Self {
        self.config.cache_sizes = sizes;
        self
    }

    /// How often things that cost much, or that let somebody guess, may be done. Default: as
    /// [`RateLimits`] says.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.config.rate_limits = limits;
        self
    }

    /// Who counts that. Default: an [`InProcessLimiter`].
    pub fn rate_limiter(mut self, limiter: Arc<dyn RateLimiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// Asks for captchas at login and registration after some failures. Default: never.
    pub fn captcha(mut self, captcha: CaptchaConfig) -> Self {
        self.config.captcha = Some(captcha);
        self
    }

    /// When logins wait and are locked after failures.
    pub fn lockout(mut self, policy: LockoutPolicy) -> Self {
        self.config.lockout = policy;
        self
    }

    /// How mail is sent. Default: there is none, so that no address can be verified and no
    /// password reset.
    pub fn mail(mut self, mail: MailConfig) -> Self {
        self.config.mail = Some(Arc::new(mail));
        self
    }

    /// How long a link to set a new password is good for. Default: one hour.
    pub fn password_reset_ttl(mut self, ttl: Duration) -> Self {
        self.config.password_reset_ttl = ttl;
        self
    }

    /// How long a link to verify an e-mail address is good for. Default: 24 hours.
    pub fn email_verification_ttl(mut self, ttl: Duration) -> Self {
        self.config.email_verification_ttl = ttl;
        self
    }

    /// Whether whoever asks for a link gets its token at once, without any mail. Default: no.
    ///
    /// For developers alone: it lets anybody in who knows an address.
    pub fn reveal_tokens(mut self, reveal: bool) -> Self {
        self.config.reveal_tokens = reveal;
        self
    }

    /// Whether the answer to a registration tells that an address or a username is taken.
    /// Default: yes. Where it does not, a mail tells the rest, so that mail is needed.
    pub fn registration_reveals(mut self, reveals: bool) -> Self {
        self.config.registration_reveals = reveals;
        self
    }

    /// Whether an account may do nothing but manage itself before its e-mail address is
    /// verified. Default: no.
    pub fn require_verified_email(mut self, require: bool) -> Self {
        self.config.require_verified_email = require;
        self
    }

    /// Whether to bring the schema up to date. Default: yes.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// How long things are kept that nobody needs any more. Default: as [`Retention`] says.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.config.retention = retention;
        self
    }

    /// Whether to send mail, and to delete what is kept no longer, in the background.
    /// Default: yes.
    pub fn maintain(mut self, maintain: bool) -> Self {
        self.maintain = maintain;
        self
    }

    /// What tells the time. Default: the operating system.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where randomness comes from. Default: the operating system.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Builds the engine, and brings the database's schema up to date.
    ///
    /// # Errors
    /// [`BuildError::SecretMissing`] and [`BuildError::SecretTooShort`] as they say;
    /// [`BuildError::CaptchaDifficulty`] and [`BuildError::MailMissing`] as they say; [`BuildError::Migrate`] where the schema
    /// is newer than this release, or the database does not answer.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn build(self) -> Result<Doorward, BuildError> {
        let secret = self.secret.ok_or(BuildError::SecretMissing)?;
        if secret.as_bytes().len() < SHORTEST_SECRET {
            return Err(BuildError::SecretTooShort);
        }
        if !self.config.registration_reveals && self.config.mail.is_none() {
            return Err(BuildError::MailMissing);
        }
        let keys = Keys::from_secret(&secret)?;
        let captcha = self.config.captcha.clone();
        let captcha = captcha
            .map(|config| CaptchaGate::new(config, &keys.captchas, &self.entropy))
            .transpose()?;
        if self.migrate {
            self.database.migrate().await?;
        }
        let caches = Arc::new(Caches::new(self.config.cache_sizes));
        let listener: Arc<dyn ChangeListener> = caches.clone();
        self.database.watch(&listener);
        let mail_bell = hang_bell(&self.database, Change::Outbox);
        let deferred_bell = hang_bell(&self.database, Change::Deferred);
        let erasure_bell = hang_bell(&self.database, Change::Erasure);
        let inner = Arc::new(Inner {
            keys,
            strength_meter: StrengthMeter::new(),
            hasher: PasswordHasher::new(self.config.hasher.clone(), Arc::clone(&self.entropy)),
            database: self.database,
            caches,
            config: self.config,
            clock: self.clock,
            entropy: self.entropy,
            limiter: self.limiter,
            captcha,
            attempts: Arc::default(),
            notices: InProcessLimiter::with_capacity(NOTICES),
            mail_bell,
            deferred_bell,
            erasure_bell,
            exports: Semaphore::new(1),
        });
        if self.maintain {
            let weak = Arc::downgrade(&inner);
            let engine = move || weak.upgrade().map(|inner| Doorward { inner });
            maintenance::spawn(Arc::clone(&inner.erasure_bell), engine.clone());
            deferred::spawn(Arc::clone(&inner.deferred_bell), engine.clone());
            mail::spawn(Arc::clone(&inner.mail_bell), engine);
        }
        Ok(Doorward { inner })
    }
}

fn hang_bell(database: &Database, rung_by: Change) -> Arc<Bell> {
    let bell = Arc::new(Bell::rung_by(rung_by));
    let listener: Arc<dyn ChangeListener> = bell.clone();
    database.watch(&listener);
    bell
}
