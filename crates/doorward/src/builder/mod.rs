//! The decisions that an engine is built from.

mod build;
mod check;

use std::sync::Arc;
use std::time::Duration;

use crate::cache::CacheSizes;
use crate::captcha::CaptchaConfig;
use crate::domain::account::{RequiredIdentity, TokenSubject};
use crate::domain::authz::{AppRole, NewRole, RoleName, definitions};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::entropy::{Entropy, SystemEntropy};
use crate::domain::limits::RateLimits;
use crate::domain::lockout::LockoutPolicy;
use crate::domain::password::PasswordPolicy;
use crate::domain::retention::Retention;
use crate::domain::secret::SecretKey;
use crate::engine::config::Config;
use crate::engine::hooks::Hooks;
use crate::limits::{InProcessLimiter, RateLimiter};
use crate::mail::MailConfig;
#[cfg(feature = "testing")]
use crate::mail::Mailer;
use crate::password::{BreachedPasswords, HasherConfig};
use crate::store::db::Database;

pub use check::BuildError;

/// The decisions to make before there is an engine; every one but the secret has a default.
///
/// | to decide | with | unless decided |
/// |---|---|---|
/// | what tokens are signed with | [`secret_key`](Self::secret_key) | required |
/// | which earlier secrets still verify and decrypt | [`previous_secret_keys`](Self::previous_secret_keys) | none |
/// | which names an account has | [`required_identity`](Self::required_identity) | an e-mail address |
/// | which roles there are, and which one may give oneself | [`roles`](Self::roles), [`self_assignable_roles`](Self::self_assignable_roles) | the built-in ones; `user` |
/// | whether mail is sent, and how | [`mail`](Self::mail) | none is |
/// | whether an address must be verified first | [`require_verified_email`](Self::require_verified_email) | no |
/// | whether a registration tells that an address is taken | [`registration_reveals`](Self::registration_reveals) | yes |
/// | what tokens call an account by | [`token_subject`](Self::token_subject) | its id |
/// | what your application has to say | [`hooks`](Self::hooks) | nothing |
/// | how long tokens live | [`access_token_ttl`](Self::access_token_ttl), [`refresh_token_ttl`](Self::refresh_token_ttl) | 30 minutes, 7 days |
/// | how long a session lives, and how many an account has | [`session_max_age`](Self::session_max_age), [`sessions_per_account`](Self::sessions_per_account) | 30 days, 100 |
/// | what a password must be like, and what its hash costs | [`password_policy`](Self::password_policy), [`hasher`](Self::hasher) | 8 characters, none of the commonest; argon2id with 19 MiB |
/// | how often may be tried | [`rate_limits`](Self::rate_limits), [`lockout`](Self::lockout), [`captcha`](Self::captcha) | limits and a lock; no captcha |
/// | how long is kept what nobody needs | [`retention`](Self::retention) | as [`Retention`] says |
#[derive(Debug)]
#[must_use]
pub struct Builder {
    database: Database,
    secret: Option<SecretKey>,
    previous_secrets: Vec<SecretKey>,
    needs_secret: bool,
    config: Config,
    roles: Vec<NewRole>,
    migrate: bool,
    maintain: bool,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limiter: Arc<dyn RateLimiter>,
}

impl Builder {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            secret: None,
            previous_secrets: Vec::new(),
            needs_secret: true,
            config: Config::default(),
            roles: Vec::new(),
            migrate: true,
            maintain: true,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            limiter: Arc::new(InProcessLimiter::default()),
        }
    }

    /// The secret that signs tokens and that every other key is derived from. Required.
    pub fn secret_key(mut self, secret: impl Into<SecretKey>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Secrets that [`secret_key`](Self::secret_key) replaced. They verify tokens and open stored
    /// data, and never sign or encrypt. Default: none.
    ///
    /// With the previous secret here, a change of the secret logs no user out and loses no waiting
    /// mail. The stored keys are encrypted again under the new secret when the engine is built,
    /// so the previous one is needed only until the tokens that it signed have expired.
    pub fn previous_secret_keys<S: Into<SecretKey>>(
        mut self,
        secrets: impl IntoIterator<Item = S>,
    ) -> Self {
        self.previous_secrets = secrets.into_iter().map(Into::into).collect();
        self
    }

    /// Builds an engine without a secret, for administration beside the engine that has it.
    ///
    /// It leaves the stored keys alone: users cannot log in, no mail can be written or sent, and
    /// no other engine accepts its tokens.
    pub fn without_secret_key(mut self) -> Self {
        self.secret = None;
        self.needs_secret = false;
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

    /// Sets the absolute lifetime of a session: however often it is refreshed, it ends this long
    /// after its login. Default: 30 days.
    pub fn session_max_age(mut self, age: Duration) -> Self {
        self.config.session_max_age = age;
        self
    }

    /// Sets the largest number of live sessions of an account, at least 1. A login beyond it ends
    /// the oldest session. Default: 100.
    pub fn sessions_per_account(mut self, most: u32) -> Self {
        self.config.sessions_per_account = most.max(1);
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

    /// The app's own roles, besides the built-in ones and those of earlier calls.
    ///
    /// Building the engine brings them into the database as they are defined, for everybody
    /// who has them; from then on they are as fixed as built-in ones
    /// ([`RoleError::BuiltIn`](crate::RoleError::BuiltIn)). One that is no longer among them
    /// stays in the database as an ordinary one, which admins may delete; to an engine that
    /// does not define them, such as that of the `doorward` command, all of them are. Who
    /// registers may ask for none of them, unless
    /// [`self_assignable_roles`](Self::self_assignable_roles) names it.
    pub fn roles<R: AppRole>(mut self) -> Self {
        self.roles.extend(definitions::<R>());
        self
    }

    /// Which roles somebody who registers may ask for, of those that are defined. Default:
    /// `user` alone, which is also what everybody gets who asks for none.
    pub fn self_assignable_roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.config.self_assignable_roles = roles.into_iter().collect();
        self
    }

    /// Which names an account must have. Default: an e-mail address.
    pub fn required_identity(mut self, identity: RequiredIdentity) -> Self {
        self.config.required_identity = identity;
        self
    }

    /// What access tokens call an account by, their `sub`. Default: its id.
    ///
    /// A name must be one that every account has ([`required_identity`](Self::required_identity)).
    /// An account from before that has none can't log in: that is a
    /// [`Failure`](crate::Failure), until it gets one.
    ///
    /// ```
    /// use doorward::{Database, Doorward, RequiredIdentity, TokenSubject};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
    ///     .secret_key("0123456789abcdef0123456789abcdef")
    ///     .required_identity(RequiredIdentity::Username)
    ///     .token_subject(TokenSubject::Username)
    ///     .build()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn token_subject(mut self, subject: TokenSubject) -> Self {
        self.config.token_subject = subject;
        self
    }

    /// What the application does at certain moments: see [`Hooks`]. Default: nothing.
    pub fn hooks(mut self, hooks: Arc<dyn Hooks>) -> Self {
        self.config.hooks = Some(hooks);
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

    /// How mail is sent; `None` for not at all. Default: there is none, so that no address can
    /// be verified and no password reset; who asks for a reset is answered as ever.
    pub fn mail(mut self, mail: impl Into<Option<MailConfig>>) -> Self {
        self.config.mail = mail.into().map(Arc::new);
        self
    }

    /// Whoever was to send the mail, if any is sent, it is this one.
    #[cfg(feature = "testing")]
    pub(crate) fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.config.mail = self.config.mail.map(|mail| {
            Arc::new(MailConfig {
                mailer,
                ..(*mail).clone()
            })
        });
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
    ///
    /// Until then it has no roles and no permissions, here and in its tokens. Routes of your
    /// own that ask for an account alone let it in. Where no [`mail`](Self::mail) is sent, and of
    /// accounts without an address, only somebody who may change accounts can say that it is.
    pub fn require_verified_email(mut self, require: bool) -> Self {
        self.config.require_verified_email = require;
        self
    }

    /// Whether to bring the schema up to date. Default: yes.
    ///
    /// Where not, nobody looks at it either: an engine is built on a schema of another release,
    /// and fails at what it does not find. [`Database::list_migrations`] tells which one it is.
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
}
