//! Captchas: what keeps machines from trying on and on.

mod gate;
mod proof_of_work;
#[cfg(feature = "http-client")]
mod site_verify;
mod spent;

use std::borrow::Cow;
use std::fmt::Debug;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use crate::domain::clock::Timestamp;

pub(crate) use gate::CaptchaGate;
pub use gate::{CaptchaOffer, CaptchaRefused};
pub(crate) use proof_of_work::{InvalidDifficulty, ProofOfWork};
#[cfg(feature = "http-client")]
pub use site_verify::{CaptchaService, SiteVerify, SiteVerifyBuilder};

/// The longest token that is looked at, in bytes.
pub(crate) const LONGEST_TOKEN: usize = 4096;

/// Tells people from machines, or lets machines pay.
///
/// There are proofs of work in the engine, which need nobody else, and the services of
/// others (`SiteVerify`). An embedding application may bring its own.
///
/// ```
/// use std::collections::HashSet;
/// use std::net::IpAddr;
/// use std::pin::Pin;
/// use std::sync::{Arc, Mutex};
///
/// use doorward::{
///     Captcha, CaptchaChallenge, CaptchaConfig, CaptchaProvider, CaptchaUnavailable, Timestamp,
/// };
///
/// /// Codes that members hand to whom they know, each good once.
/// struct Invitations(Mutex<HashSet<String>>);
///
/// impl Captcha for Invitations {
///     fn challenge(&self, _now: Timestamp) -> CaptchaChallenge {
///         CaptchaChallenge { provider: "invitation".into(), site_key: None, proof: None }
///     }
///
///     fn verify<'a>(
///         &'a self,
///         token: &'a str,
///         _ip: Option<IpAddr>,
///         _now: Timestamp,
///     ) -> Pin<Box<dyn Future<Output = Result<bool, CaptchaUnavailable>> + Send + 'a>> {
///         Box::pin(async move {
///             let codes = self.0.lock();
///             let mut codes = codes.map_err(|_| CaptchaUnavailable::new("the codes are lost"))?;
///             Ok(codes.remove(token))
///         })
///     }
/// }
///
/// impl std::fmt::Debug for Invitations {
///     fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         formatter.write_str("Invitations(..)")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use doorward::testing::{TestDoorward, anonymous};
/// let invitations = Invitations(Mutex::new(HashSet::from(["for-anna".to_owned()])));
/// let captcha = CaptchaConfig {
///     provider: CaptchaProvider::Custom(Arc::new(invitations)),
///     after_failures: 0,
/// };
/// # let auth = TestDoorward::start_with(|builder| builder.captcha(captcha)).await;
/// # let anna = |email: &str| email.parse().map(|email| {
/// #     let anna = doorward::Registration::new("correct horse battery staple");
/// #     anna.email(email).captcha_token("for-anna".to_owned())
/// # });
/// # assert!(auth.register(&anonymous(), anna("anna@example.com")?).await.is_ok());
/// # assert!(auth.register(&anonymous(), anna("emil@example.com")?).await.is_err());
/// # Ok(())
/// # }
/// ```
pub trait Captcha: Send + Sync + Debug {
    /// What a client has to show or to solve.
    fn challenge(&self, now: Timestamp) -> CaptchaChallenge;

    /// Whether `token` is what somebody gets who solved it; it holds 4096 bytes at most.
    ///
    /// A token must be good for one time alone. `ip` is the client's address, where it is
    /// known.
    ///
    /// # Errors
    /// [`CaptchaUnavailable`] where it can't be told at the moment.
    fn verify<'a>(
        &'a self,
        token: &'a str,
        ip: Option<IpAddr>,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<bool, CaptchaUnavailable>> + Send + 'a>>;
}

/// Whether a captcha was solved can't be told at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("captchas can't be verified: {reason}")]
pub struct CaptchaUnavailable {
    reason: String,
}

impl CaptchaUnavailable {
    /// For this reason, which operators read: it must name no token and no person.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Whether and when captchas are asked for.
///
/// ```
/// use doorward::{CaptchaConfig, CaptchaProvider};
///
/// let config = CaptchaConfig::default();
/// assert_eq!(config.after_failures, 3);
/// assert!(matches!(config.provider, CaptchaProvider::ProofOfWork { difficulty: 17 }));
/// ```
#[derive(Clone, Debug)]
pub struct CaptchaConfig {
    /// Who makes and verifies them. Default: the engine, by proofs of work.
    pub provider: CaptchaProvider,
    /// After how many failures: of an account in a row, or of a network within an hour, where
    /// a registration counts as one; 0 for always. Default: 3.
    pub after_failures: u32,
}

impl Default for CaptchaConfig {
    fn default() -> Self {
        Self {
            provider: CaptchaProvider::default(),
            after_failures: 3,
        }
    }
}

/// Who makes captchas and verifies them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CaptchaProvider {
    /// The engine: the client spends a second of its processor's time.
    ProofOfWork {
        /// How many zero bits the hash begins with that the client looks for: 1 to 28, and
        /// each more doubles the work. Default: 17, some 131,000 hashes.
        difficulty: u8,
    },
    /// This one.
    Custom(Arc<dyn Captcha>),
}

impl Default for CaptchaProvider {
    fn default() -> Self {
        Self::ProofOfWork { difficulty: 17 }
    }
}

/// What a client has to show or to solve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaChallenge {
    /// Whose it is, as a word: `proof_of_work`, `hcaptcha`, `turnstile`, `recaptcha`, or
    /// what an embedding application calls its own.
    pub provider: Cow<'static, str>,
    /// The public key of the site, which the provider's script is given.
    pub site_key: Option<String>,
    /// The proof of work to be done.
    pub proof: Option<ProofChallenge>,
}

/// A proof of work to be done: find a whole number so that the hash of the challenge, a dot
/// and that number begins with `difficulty` zero bits. The three are the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofChallenge {
    /// The text that the client begins with.
    pub challenge: String,
    /// How many zero bits the hash has to begin with.
    pub difficulty: u8,
    /// The hash, as browsers call it: `sha-256`.
    pub algorithm: &'static str,
    /// Until when the proof is taken.
    pub expires_at: Timestamp,
}
