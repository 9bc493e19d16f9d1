//! What an engine is told when it is built.

use std::sync::Arc;
use std::time::Duration;

use crate::authn::LockoutPolicy;
use crate::authn::password::{BreachedPasswords, HasherConfig, PasswordPolicy};
use crate::authz::{AppRoles, RoleName};
use crate::cache::CacheSizes;
use crate::captcha::CaptchaConfig;
use crate::hooks::Hooks;
use crate::limits::RateLimits;
use crate::mail::MailConfig;
use crate::maintenance::Retention;

/// Which names an account must have. It may always have both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequiredIdentity {
    /// An e-mail address.
    #[default]
    Email,
    /// A username.
    Username,
    /// Both of them.
    Both,
    /// One of them, whichever.
    Either,
}

impl RequiredIdentity {
    /// Whether every account has what tokens call it by.
    pub(crate) fn covers(self, subject: TokenSubject) -> bool {
        match subject {
            TokenSubject::UserId => true,
            TokenSubject::Username => matches!(self, Self::Username | Self::Both),
            TokenSubject::Email => matches!(self, Self::Email | Self::Both),
        }
    }
}

/// What access tokens call an account by: their `sub`.
///
/// It is for other services. The engine itself finds the account by the session, which every
/// token names too: a name in a token never decides whose it is, however much it looks like
/// another account's name or id.
///
/// An id is the same for as long as the account exists, and never another's. A name may be
/// changed and then taken by somebody else: tokens that are out keep the old one until they
/// expire, and have the new one from the next refresh on. Services that know accounts by name
/// must live with that, so [`access_token_ttl`](crate::Builder::access_token_ttl) is to be short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenSubject {
    /// The id.
    #[default]
    UserId,
    /// The username, as its owner wrote it.
    Username,
    /// The e-mail address, as its owner wrote it.
    ///
    /// Anybody can register an address that nobody has yet: where other services take it for
    /// more than a name, it is to be verified first
    /// ([`require_verified_email`](crate::Builder::require_verified_email)). Until then such an
    /// account is called by its id.
    Email,
}

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) issuer: String,
    pub(crate) audience: Option<String>,
    pub(crate) access_token_ttl: Duration,
    pub(crate) refresh_token_ttl: Duration,
    pub(crate) refresh_retry: Duration,
    pub(crate) password_policy: PasswordPolicy,
    pub(crate) breached_passwords: Option<Arc<dyn BreachedPasswords>>,
    pub(crate) hasher: HasherConfig,
    pub(crate) app_roles: AppRoles,
    pub(crate) self_assignable_roles: Vec<RoleName>,
    pub(crate) required_identity: RequiredIdentity,
    pub(crate) token_subject: TokenSubject,
    pub(crate) hooks: Option<Arc<dyn Hooks>>,
    pub(crate) cache_sizes: CacheSizes,
    pub(crate) rate_limits: RateLimits,
    pub(crate) captcha: Option<CaptchaConfig>,
    pub(crate) lockout: LockoutPolicy,
    pub(crate) mail: Option<Arc<MailConfig>>,
    pub(crate) password_reset_ttl: Duration,
    pub(crate) email_verification_ttl: Duration,
    pub(crate) reveal_tokens: bool,
    pub(crate) registration_reveals: bool,
    pub(crate) require_verified_email: bool,
    pub(crate) retention: Retention,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "doorward".to_owned(),
            audience: None,
            access_token_ttl: Duration::from_secs(30 * 60),
            refresh_token_ttl: Duration::from_secs(7 * 24 * 60 * 60),
            refresh_retry: Duration::from_secs(10),
            password_policy: PasswordPolicy::default(),
            breached_passwords: None,
            hasher: HasherConfig::default(),
            app_roles: AppRoles::default(),
            self_assignable_roles: vec![RoleName::USER],
            required_identity: RequiredIdentity::default(),
            token_subject: TokenSubject::default(),
            hooks: None,
            cache_sizes: CacheSizes::default(),
            rate_limits: RateLimits::default(),
            captcha: None,
            lockout: LockoutPolicy::default(),
            mail: None,
            password_reset_ttl: Duration::from_secs(60 * 60),
            email_verification_ttl: Duration::from_secs(24 * 60 * 60),
            reveal_tokens: false,
            registration_reveals: true,
            require_verified_email: false,
            retention: Retention::default(),
        }
    }
}
