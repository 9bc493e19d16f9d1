//! What an engine is told when it is built.

use std::sync::Arc;
use std::time::Duration;

use super::hooks::Hooks;
use crate::cache::CacheSizes;
use crate::captcha::CaptchaConfig;
use crate::domain::account::{RequiredIdentity, TokenSubject};
use crate::domain::authz::{AppRoles, RoleName};
use crate::domain::limits::RateLimits;
use crate::domain::lockout::LockoutPolicy;
use crate::domain::password::PasswordPolicy;
use crate::domain::retention::Retention;
use crate::mail::MailConfig;
use crate::password::{BreachedPasswords, HasherConfig};

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) issuer: String,
    pub(crate) audience: Option<String>,
    pub(crate) access_token_ttl: Duration,
    pub(crate) refresh_token_ttl: Duration,
    /// The absolute lifetime of a session.
    pub(crate) session_max_age: Duration,
    /// The largest number of live sessions of an account.
    pub(crate) sessions_per_account: u32,
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
            session_max_age: Duration::from_secs(30 * 24 * 60 * 60),
            sessions_per_account: 100,
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
