//! The captchas that the settings ask for.

use std::sync::Arc;

use doorward::{CaptchaConfig, CaptchaProvider, CaptchaService, HttpClientError, SiteVerify};

use crate::failure::CommandFailure;
use crate::settings::{self, Settings};

/// What the engine is told of captchas; `None` where there are none.
pub(crate) fn configure(settings: &Settings) -> Result<Option<CaptchaConfig>, CommandFailure> {
    if !settings.captcha_enabled {
        return Ok(None);
    }
    let provider = match settings.captcha_provider {
        settings::CaptchaProvider::ProofOfWork => CaptchaProvider::ProofOfWork {
            difficulty: settings.captcha_difficulty,
        },
        settings::CaptchaProvider::Service(service) => {
            CaptchaProvider::Custom(Arc::new(site_verify(settings, service)?))
        }
    };
    Ok(Some(CaptchaConfig {
        provider,
        after_failures: settings.captcha_after_failures,
    }))
}

fn site_verify(settings: &Settings, service: CaptchaService) -> Result<SiteVerify, CommandFailure> {
    // That both keys are there was checked with the settings.
    let site_key = settings.captcha_site_key.as_deref().unwrap_or_default();
    let secret = settings.captcha_secret.as_ref();
    let secret = secret.map(|secret| secret.expose()).unwrap_or_default();
    let mut builder = SiteVerify::builder(service, site_key, secret);
    if let Some(url) = &settings.captcha_verify_url {
        builder = builder.verify_url(url);
    }
    if let Some(hostname) = &settings.captcha_hostname {
        builder = builder.hostname(hostname);
    }
    builder.build().map_err(|error| {
        let setting = match error {
            HttpClientError::InvalidUrl => "CAPTCHA_VERIFY_URL",
            _ => "CAPTCHA_PROVIDER",
        };
        CommandFailure::settings(format!("{setting}: {error}"))
    })
}
