//! From the decisions to the engine.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::check::{MIN_SECRET, check_together};
use super::{BuildError, Builder};
use crate::captcha::CaptchaGate;
use crate::domain::authz::AppRoles;
use crate::domain::secret::SecretKey;
use crate::engine::{Doorward, Engine, EngineDeps};
use crate::keys::KeyRing;
use crate::ops::authz::sync_app_roles::bring_in_roles;
use crate::ops::data_keys::load_data_keys;
use crate::workers;

impl Builder {
    /// Builds the engine, and brings the database's schema and the app's roles up to date.
    ///
    /// # Errors
    /// [`BuildError::SecretMissing`], [`BuildError::SecretTooShort`],
    /// [`BuildError::CaptchaDifficulty`], [`BuildError::MailMissing`],
    /// [`BuildError::SubjectNotRequired`], [`BuildError::LifetimeTooShort`],
    /// [`BuildError::RoleRank`] and [`BuildError::RoleDefinedTwice`] as they say;
    /// [`BuildError::Migrate`] where the schema is newer than this release, or the database
    /// does not answer; [`BuildError::Internal`] where it does not take up the app's roles,
    /// or the stored keys cannot be loaded.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn build(mut self) -> Result<Doorward, BuildError> {
        let has_secret = self.secret.is_some();
        let keys = self.make_keys()?;
        check_together(&self.config)?;
        self.config.app_roles = AppRoles::new(self.roles)?;
        let captcha = self.config.captcha.clone();
        let captcha = captcha
            .map(|config| CaptchaGate::new(config, &keys.current().captchas, &self.entropy))
            .transpose()?;
        let is_migrated = if self.migrate {
            self.database.migrate().await?;
            true
        } else {
            // Rejects the schema of a newer release.
            let migrations = self.database.list_migrations().await?;
            migrations.iter().any(|one| one.applied_at.is_some())
        };
        let engine = Arc::new(Engine::new(EngineDeps {
            database: self.database,
            keys,
            captcha,
            config: self.config,
            clock: self.clock,
            entropy: self.entropy,
            limiter: self.limiter,
        }));
        match (has_secret, is_migrated) {
            (true, true) => load_data_keys(&engine).await?,
            (true, false) => workers::spawn_key_loader(&engine),
            (false, _) => {}
        }
        if self.maintain {
            workers::spawn(&engine);
        }
        bring_in_roles(&engine).await?;
        Ok(Doorward(engine))
    }

    /// Creates the keys that need no database.
    fn make_keys(&self) -> Result<KeyRing, BuildError> {
        let Some(secret) = &self.secret else {
            if self.needs_secret {
                return Err(BuildError::SecretMissing);
            }
            let mut random = Zeroizing::new(vec![0; 32]);
            self.entropy.fill(&mut random);
            return Ok(KeyRing::from_secrets(
                &SecretKey::new(random.to_vec()),
                &[],
            )?);
        };
        let mut secrets = self.previous_secrets.iter().chain([secret]);
        if secrets.any(|secret| secret.as_bytes().len() < MIN_SECRET) {
            return Err(BuildError::SecretTooShort);
        }
        Ok(KeyRing::from_secrets(secret, &self.previous_secrets)?)
    }
}
