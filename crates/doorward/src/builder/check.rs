//! Which decisions an engine can't be built on.

use std::time::Duration;

use crate::captcha::InvalidDifficulty;
use crate::domain::authz::{InvalidAppRole, RoleName};
use crate::domain::failure::Failure;
use crate::engine::config::Config;
use crate::store::db::MigrateError;

/// The shortest secret that may sign tokens, in bytes (RFC 7518 §3.2 asks for 32; what a
/// deployment demands beyond this is its own affair).
pub(super) const MIN_SECRET: usize = 16;

/// The times of tokens are whole seconds (RFC 7519 §2).
const SHORTEST_LIFETIME: Duration = Duration::from_secs(1);

/// Why an engine could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No secret was given.
    #[error("a secret key is needed: call `secret_key`")]
    SecretMissing,
    /// The secret, or a previous one, has less than 16 bytes.
    #[error("the secret key has less than {MIN_SECRET} bytes")]
    SecretTooShort,
    /// Proofs of work are to be harder or easier than 1 to 28 bits.
    #[error("the difficulty of captchas is not one of 1 to 28 bits")]
    CaptchaDifficulty,
    /// Registrations are to reveal nothing, and there is no mail to tell the rest.
    #[error("registrations that reveal nothing need mail")]
    MailMissing,
    /// A token or a session is to live for less than a second.
    #[error("tokens and sessions live for a second at least")]
    LifetimeTooShort,
    /// Tokens are to call accounts by a name that an account need not have.
    #[error("tokens call accounts by a name that is not required of them")]
    SubjectNotRequired,
    /// The rank of one of the app's roles is not within 0 and 399.
    #[error("the rank of the role {0} is not one of 0 to 399")]
    RoleRank(RoleName),
    /// The app defines one of its roles in two ways.
    #[error("the role {0} is defined in two ways")]
    RoleDefinedTwice(RoleName),
    /// The database's schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The keys could not be derived, or the app's roles not be brought into the database.
    #[error("the engine could not be put together")]
    Internal(#[from] Failure),
}

impl From<InvalidDifficulty> for BuildError {
    fn from(_: InvalidDifficulty) -> Self {
        Self::CaptchaDifficulty
    }
}

impl From<InvalidAppRole> for BuildError {
    fn from(invalid: InvalidAppRole) -> Self {
        match invalid {
            InvalidAppRole::Rank(name) => Self::RoleRank(name),
            InvalidAppRole::DefinedTwice(name) => Self::RoleDefinedTwice(name),
        }
    }
}

/// Refuses decisions that can't all be true, and warns of those that shut everybody out.
pub(super) fn check_together(config: &Config) -> Result<(), BuildError> {
    if !config.registration_reveals && config.mail.is_none() {
        return Err(BuildError::MailMissing);
    }
    if !config.required_identity.covers(config.token_subject) {
        return Err(BuildError::SubjectNotRequired);
    }
    let lifetimes = [
        config.access_token_ttl,
        config.refresh_token_ttl,
        config.session_max_age,
    ];
    if lifetimes.into_iter().any(|time| time < SHORTEST_LIFETIME) {
        return Err(BuildError::LifetimeTooShort);
    }
    if config.require_verified_email && config.mail.is_none() && !config.reveal_tokens {
        tracing::warn!("addresses must be verified, and there is no mail to verify them by");
    }
    Ok(())
}
