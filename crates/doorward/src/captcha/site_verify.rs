//! Captchas of other services, which all are verified in one way.

mod answer;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Captcha, CaptchaChallenge, CaptchaUnavailable};
use crate::domain::clock::Timestamp;
use crate::http_client::{self, HttpClient, HttpClientError};
use answer::Verification;

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 16 * 1024;

/// A service that makes captchas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CaptchaService {
    /// hCaptcha.
    HCaptcha,
    /// Turnstile, of Cloudflare.
    Turnstile,
    /// reCAPTCHA, of Google, versions 2 and 3. A score of less than 0.5 does not pass.
    Recaptcha,
}

impl CaptchaService {
    /// Its name, as clients are told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HCaptcha => "hcaptcha",
            Self::Turnstile => "turnstile",
            Self::Recaptcha => "recaptcha",
        }
    }

    /// Where the service verifies tokens.
    pub const fn verify_url(self) -> &'static str {
        match self {
            Self::HCaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            Self::Recaptcha => "https://www.google.com/recaptcha/api/siteverify",
        }
    }
}

/// Captchas of hCaptcha, Turnstile or reCAPTCHA, or of a service that verifies as they do.
///
/// The client's address goes to the service with each token.
///
/// ```
/// use std::sync::Arc;
/// use doorward::{CaptchaConfig, CaptchaProvider, CaptchaService, SiteVerify};
///
/// # fn main() -> Result<(), doorward::HttpClientError> {
/// let captcha = SiteVerify::builder(CaptchaService::Turnstile, "site key", "secret")
///     .hostname("www.example.com")
/// #   .verify_url("http://localhost/")
///     .build()?;
/// let config = CaptchaConfig {
///     provider: CaptchaProvider::Custom(Arc::new(captcha)),
///     ..CaptchaConfig::default()
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SiteVerify {
    service: CaptchaService,
    site_key: String,
    secret: Secret,
    hostname: Option<String>,
    client: HttpClient,
}

/// The decisions to make before there is a [`SiteVerify`].
#[derive(Debug)]
#[must_use]
pub struct SiteVerifyBuilder {
    service: CaptchaService,
    site_key: String,
    secret: Secret,
    hostname: Option<String>,
    verify_url: Cow<'static, str>,
    timeout: Duration,
}

/// What the service knows us by.
struct Secret(Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl SiteVerify {
    /// Begins with the two keys that the service gives: the public one of the site, and the
    /// secret one of the server.
    pub fn builder(
        service: CaptchaService,
        site_key: impl Into<String>,
        secret: impl Into<String>,
    ) -> SiteVerifyBuilder {
        SiteVerifyBuilder {
            service,
            site_key: site_key.into(),
            secret: Secret(Zeroizing::new(secret.into())),
            hostname: None,
            verify_url: Cow::Borrowed(service.verify_url()),
            timeout: http_client::TIMEOUT,
        }
    }

    async fn ask(&self, token: &str, ip: Option<IpAddr>) -> Result<bool, CaptchaUnavailable> {
        let request = self.client.post_form(self.form(token, ip));
        let answer = self
            .client
            .send(request, LARGEST_ANSWER)
            .await
            .map_err(|reason| self.unavailable(&reason.to_string()))?;
        let verification = Verification::read(&answer)
            .ok_or_else(|| self.unavailable("the answer is none of siteverify's"))?;
        if let Some(fault) = verification.our_fault() {
            return Err(self.unavailable(fault));
        }
        Ok(verification.is_passed(self.service, self.hostname.as_deref()))
    }

    fn form(&self, token: &str, ip: Option<IpAddr>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("secret", &self.secret.0)
            .append_pair("response", token);
        if let Some(ip) = ip {
            form.append_pair("remoteip", &ip.to_string());
        }
        form.finish()
    }

    fn unavailable(&self, reason: &str) -> CaptchaUnavailable {
        CaptchaUnavailable::new(format!("{}: {reason}", self.service.as_str()))
    }
}

impl SiteVerifyBuilder {
    /// The host that captchas must have been solved on. Default: any.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.hostname = Some(hostname.into());
        self
    }

    /// Where tokens are verified: `https`, or `http` on this machine. Default: at the service.
    pub fn verify_url(mut self, url: impl Into<String>) -> Self {
        self.verify_url = Cow::Owned(url.into());
        self
    }

    /// How long the service may take to answer. Default: 3 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes it; asks nobody yet.
    ///
    /// # Errors
    /// [`HttpClientError::InvalidUrl`] where the URL is no URL, or `http` to another machine;
    /// [`HttpClientError::Tls`] where the system has no root certificates.
    pub fn build(self) -> Result<SiteVerify, HttpClientError> {
        Ok(SiteVerify {
            client: HttpClient::new(&self.verify_url, self.timeout)?,
            service: self.service,
            site_key: self.site_key,
            secret: self.secret,
            hostname: self.hostname,
        })
    }
}

impl Captcha for SiteVerify {
    fn challenge(&self, _: Timestamp) -> CaptchaChallenge {
        CaptchaChallenge {
            provider: Cow::Borrowed(self.service.as_str()),
            site_key: Some(self.site_key.clone()),
            proof: None,
        }
    }

    fn verify<'a>(
        &'a self,
        token: &'a str,
        ip: Option<IpAddr>,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<bool, CaptchaUnavailable>> + Send + 'a>> {
        Box::pin(self.ask(token, ip))
    }
}
