//! Hooks: where an application has its say, and what it is told.

mod call;
mod event;

use std::fmt::Debug;
use std::pin::Pin;

use doorward_protocol::claims::ExtraClaims;

pub(crate) use call::{
    ask_before_register, extra_claims, tell_of_login, tell_of_registration,
    tell_of_registration_later,
};
pub use event::{AfterLogin, AfterRegister, BeforeRegister, ClaimsContext, RegistrationRefused};

/// What a hook comes to, in its own time.
pub type Hooked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What an application does at certain moments; whatever it leaves out does nothing.
///
/// No event holds a password or a token. While a hook runs no transaction is open, no lock is
/// held and nobody else waits, so that it may ask the event's `engine` for whatever it likes,
/// but for what would call the same hook again. Hooks that keep a [`Doorward`](crate::Doorward)
/// of their own keep that engine alive for good: take the event's.
///
/// Whoever asks waits for the hook, but for what is carried out in the background. What takes
/// longer than they are to wait belongs in a task of the application's own.
///
/// **Each event is told once at the most.** An `after_…` is missed where the process ends
/// right behind the commit, and left half done where whoever asks hangs up. What must never be
/// missed belongs in the transaction itself
/// ([`prepare_registration`](crate::Doorward::prepare_registration)), or is read from the audit
/// trail, which is complete.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use doorward::{
///     AfterLogin, AfterRegister, BeforeRegister, ClaimName, ClaimsContext, Database, Doorward,
///     ExtraClaims, Hooked, Hooks, RegistrationRefused,
/// };
///
/// const COMPANY: ClaimName = ClaimName::new("company");
///
/// /// Lets in who is of the company, and counts them.
/// #[derive(Debug, Default)]
/// struct Company {
///     registered: AtomicU64,
/// }
///
/// impl Hooks for Company {
///     fn before_register<'a>(
///         &'a self,
///         event: &'a BeforeRegister<'a>,
///     ) -> Hooked<'a, Result<(), RegistrationRefused>> {
///         Box::pin(async move {
///             match event.email {
///                 Some(email) if email.canonical().ends_with("@example.com") => Ok(()),
///                 _ => Err(RegistrationRefused::new("Only employees may register")),
///             }
///         })
///     }
///
///     fn after_register<'a>(&'a self, _event: &'a AfterRegister<'a>) -> Hooked<'a, ()> {
///         Box::pin(async move {
///             self.registered.fetch_add(1, Ordering::Relaxed);
///         })
///     }
///
///     fn after_login<'a>(&'a self, event: &'a AfterLogin<'a>) -> Hooked<'a, ()> {
///         Box::pin(async move {
///             if event.user.last_login_at.is_none() {
///                 println!("{} is here for the first time", event.user.id);
///             }
///         })
///     }
///
///     fn claims(&self, _context: &ClaimsContext<'_>) -> ExtraClaims {
///         ExtraClaims::new().with(COMPANY, "Example")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use doorward::{Caller, LoginAttempt, LoginOutcome, Origin, RegisterError, Registration};
/// let company = Arc::new(Company::default());
/// let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
///     .secret_key("0123456789abcdef0123456789abcdef")
///     // Anybody can write an address of the company: it counts once it is shown to be theirs.
///     .require_verified_email(true)
///     .hooks(company.clone())
///     .build()
///     .await?;
///
/// # let caller = Caller::anonymous(Origin::default());
/// # let registration =
/// #     |email: &str| Registration::new("correct horse battery staple").email(email.parse().unwrap());
/// let stranger = registration("anna@elsewhere.example");
/// let refused = auth.register(&caller, stranger).await;
/// assert!(matches!(refused, Err(RegisterError::Refused(_))));
///
/// auth.register(&caller, registration("anna@example.com")).await?;
/// assert_eq!(company.registered.load(Ordering::Relaxed), 1);
/// # let attempt = LoginAttempt::new("anna@example.com", "correct horse battery staple");
/// # let LoginOutcome::LoggedIn(_) = auth.login(attempt).await?;
/// # Ok(())
/// # }
/// ```
pub trait Hooks: Send + Sync + Debug {
    /// Whether somebody may register. Default: yes.
    ///
    /// Called once the limits, the captcha, the role and the names have passed, and before the
    /// password is looked at: the registration may still come to nothing, so that this is the
    /// place to decide and not to act. Also called where registrations reveal nothing: there the
    /// answer, and how long it takes, must not depend on whether there is such an account.
    ///
    /// Not called for accounts that are made by others
    /// ([`create_user`](crate::Doorward::create_user)).
    ///
    /// # Errors
    /// [`RegistrationRefused`], which is the answer to whoever asks.
    fn before_register<'a>(
        &'a self,
        event: &'a BeforeRegister<'a>,
    ) -> Hooked<'a, Result<(), RegistrationRefused>> {
        let _ = event;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Somebody has registered: the account is made and committed. Default: nothing.
    ///
    /// What goes wrong in it changes nothing of that; a panic is logged. Where registrations
    /// reveal nothing it is called in the background, and given up after a minute. Not called
    /// for what an application inserts in a transaction of its own
    /// ([`PreparedRegistration`](crate::PreparedRegistration)): it knows best when that is
    /// committed.
    fn after_register<'a>(&'a self, event: &'a AfterRegister<'a>) -> Hooked<'a, ()> {
        let _ = event;
        Box::pin(std::future::ready(()))
    }

    /// Somebody has logged in: the session is open, its tokens not yet answered. Default: nothing.
    ///
    /// What goes wrong in it changes nothing of that; a panic is logged. A refresh is no login.
    fn after_login<'a>(&'a self, event: &'a AfterLogin<'a>) -> Hooked<'a, ()> {
        let _ = event;
        Box::pin(std::future::ready(()))
    }

    /// The claims to add to an access token, for other services to read. Default: none.
    ///
    /// Called for each token that is issued, at login and at every refresh, and so has to
    /// answer at once from what is in memory. What it says holds until the token expires.
    /// The engine itself reads none of it: an application asks its own tables what is true now.
    ///
    /// Not called for accounts that may do nothing before their address is verified
    /// ([`require_verified_email`](crate::Builder::require_verified_email)): their tokens have
    /// no roles, and nothing else that could open a door elsewhere.
    ///
    /// Where the token would become longer than 8 KiB, or could not be read back, the login or
    /// the refresh fails with a [`Failure`](crate::Failure) and changes nothing. Where browsers
    /// keep tokens in cookies there is room for 4 KiB.
    fn claims(&self, context: &ClaimsContext<'_>) -> ExtraClaims {
        let _ = context;
        ExtraClaims::new()
    }
}
