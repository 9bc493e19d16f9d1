//! Who sends mails.

use std::fmt;
use std::pin::Pin;

use uuid::Uuid;

/// Sends mails.
///
/// Whoever calls it keeps the mail until it was sent, and tries again after a failure that
/// is not permanent.
///
/// ```
/// use doorward::{Mailer, OutgoingMail, SendError, Sending};
/// # #[derive(Debug)]
/// # struct MailService;
/// # impl MailService {
/// #     async fn post(&self, to: &str, _subject: &str, _text: &str) -> Result<(), u16> {
/// #         if to.ends_with("@example.com") { Ok(()) } else { Err(422) }
/// #     }
/// # }
///
/// /// By the service that the application sends its own mails by.
/// #[derive(Debug)]
/// struct ByService(MailService);
///
/// impl Mailer for ByService {
///     fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
///         Box::pin(async move {
///             let posted = self.0.post(&mail.to, &mail.subject, &mail.text).await;
///             posted.map_err(|status| match status {
///                 422 => SendError::permanent("the service refuses the address"),
///                 _ => SendError::temporary(format!("the service answers with {status}")),
///             })
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use doorward::{Database, Doorward, Links, MailConfig, Templates};
/// # let database = Database::connect("sqlite::memory:").await?;
/// let (templates, links) = (Templates::new("Example"), Links::new("https://example.com")?);
/// let mail = MailConfig::new(Arc::new(ByService(MailService)), templates, links);
/// let auth = Doorward::builder(database)
///     .secret_key("0123456789abcdef0123456789abcdef")
///     .mail(mail)
/// #   .maintain(false)
///     .build()
///     .await?;
/// # let anna = doorward::Registration::new("correct horse battery staple");
/// # auth.register(&doorward::testing::anonymous(), anna.email("anna@example.com".parse()?)).await?;
/// # assert_eq!(auth.deliver_mail().await?.sent, 1);
/// # Ok(())
/// # }
/// ```
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Hands this mail to whoever delivers it. After a minute it is given up on, and tried
    /// again later.
    ///
    /// # Errors
    /// A [`SendError`] where it was refused, or where nobody can say whether it was taken:
    /// then the next attempt may send it twice, with the same Message-ID.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a>;
}

/// A mail on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// A mail to one address. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// The same at each attempt: the Message-ID is made of it.
    pub id: Uuid,
    /// The address, its domain in ASCII or in its own letters.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, where there is one.
    pub html: Option<String>,
}

impl fmt::Debug for OutgoingMail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("OutgoingMail");
        shown.field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// Whether another attempt would end as this one did: the address or the mail was
    /// refused for good. Faults of the server, of the network and of the configuration are
    /// not permanent.
    pub is_permanent: bool,
    /// A reply code such as `550 5.1.1`, or words of ours such as `timed out`. It holds
    /// neither the address nor a text of the server, and is safe to log.
    pub reason: String,
}

impl SendError {
    /// Worth another attempt.
    pub fn temporary(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            is_permanent: false,
            reason,
        }
    }

    /// Not worth another attempt.
    pub fn permanent(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            is_permanent: true,
            reason,
        }
    }
}
