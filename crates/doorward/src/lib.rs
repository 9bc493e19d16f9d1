//! Accounts, login, tokens, sessions and roles for Rust applications.
//!
//! [`Doorward`] is the engine: build one on a [`Database`], and call it.
//!
//! ```
//! use doorward::{Caller, Database, Doorward, LoginAttempt, LoginOutcome};
//! use doorward::{Origin, Registration, RegistrationOutcome};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
//!     .secret_key("0123456789abcdef0123456789abcdef")
//!     .build()
//!     .await?;
//!
//! let caller = Caller::anonymous(Origin::default());
//! let registration =
//!     Registration::new("correct horse battery staple").email("anna@example.com".parse()?);
//! let RegistrationOutcome::Registered(user) = auth.register(&caller, registration).await? else {
//!     unreachable!("registrations reveal what they came to, unless the builder says otherwise");
//! };
//!
//! let attempt = LoginAttempt::new("anna@example.com", "correct horse battery staple").by(caller);
//! let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
//! let authenticated = auth.authenticate(&tokens.access_token).await?;
//! assert_eq!(authenticated.user.id, user.id);
//! # Ok(())
//! # }
//! ```

mod account;
mod audit;
mod authn;
mod authz;
mod bell;
mod builder;
mod cache;
mod captcha;
mod clock;
mod config;
mod deferred;
mod doorward;
mod entropy;
mod error;
mod hooks;
#[cfg(feature = "http-client")]
mod http_client;
mod id;
mod keys;
mod limits;
mod mail;
mod maintenance;
mod measure;
mod one_time_token;
mod page;
mod secret;
mod session;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod words;

pub use account::{
    ConfirmResetError, ConfirmVerificationError, CreateUserError, DeleteUserError, EmailAddress,
    Export, ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
    FindUserError, FullName, IdentityRejected, InvalidEmailAddress, InvalidFullName,
    InvalidUsername, NewUser, PreparedRegistration, PreparedUser, RegisterError, Registration,
    RegistrationOutcome, RequestResetError, RequestVerificationError, Statistics, UnlockUserError,
    UpdateUserError, User, UserChange, UserFilter, UserName, UserSnapshot, Username,
    VerificationRequest,
};
pub use audit::{Action, ActorKind, AuditEvent, AuditFilter, Outcome};
#[cfg(feature = "http-client")]
pub use authn::password::RangeQuery;
pub use authn::password::{
    Argon2Params, BreachCheckUnavailable, BreachedPasswords, CharacterKind, HasherBusy,
    HasherConfig, InvalidArgon2Params, Password, PasswordContext, PasswordFault, PasswordHash,
    PasswordHasher, PasswordPolicy, PasswordRejected, PasswordSha1, PasswordStrength, UnusableHash,
    Verdict,
};
pub use authn::{
    AssessPasswordError, AuthenticateError, Authenticated, AuthenticatedSession,
    ChangePasswordError, LockoutPolicy, LoginAttempt, LoginError, LoginIdentifier, LoginOutcome,
    PasswordAssessment, Reauthentication, UnknownName,
};
pub use authz::{
    Actor, Admin, AppRole, AuditRead, Caller, Denied, Guest, InvalidPermission, InvalidRoleName,
    MailRead, MailWrite, Moderator, NewRole, Origin, Permission, PermissionMarker, Permitted, Role,
    RoleChange, RoleError, RoleMarker, RoleName, RolesAssign, RolesRead, RolesWrite, UsersCount,
    UsersDelete, UsersRead, UsersWrite,
};
pub use builder::{BuildError, Builder};
pub use cache::CacheSizes;
pub use captcha::{
    Captcha, CaptchaChallenge, CaptchaConfig, CaptchaOffer, CaptchaProvider, CaptchaRefused,
    CaptchaUnavailable, ProofChallenge,
};
#[cfg(feature = "http-client")]
pub use captcha::{CaptchaService, SiteVerify, SiteVerifyBuilder};
pub use clock::{Clock, SystemClock, Timestamp};
pub use config::{RequiredIdentity, TokenSubject};
pub use doorward::Doorward;
pub use doorward_protocol::claims::{ClaimName, ExtraClaims, ReservedClaim, TokenError};
pub use entropy::{Entropy, SystemEntropy};
pub use error::Failure;
pub use hooks::{
    AfterLogin, AfterRegister, BeforeRegister, ClaimsContext, Hooked, Hooks, RegistrationRefused,
};
#[cfg(feature = "http-client")]
pub use http_client::HttpClientError;
pub use id::{EventId, InvalidId, MailId, SessionId, TokenId, UserId};
pub use limits::{
    Decision, InProcessLimiter, InvalidRate, LimitClass, Rate, RateLimiter, RateLimits, Throttled,
};
pub use mail::{
    Delivery, InvalidLink, InvalidTemplate, KeptMail, KeptMails, Links, MailConfig, MailFacts,
    MailInOutbox, MailKind, Mailer, Notices, OutboxCount, OutgoingMail, RenderedMail, SendError,
    Sending, TemplateError, Templates,
};
#[cfg(feature = "smtp")]
pub use mail::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use maintenance::{Housekeeping, Retention};
pub use measure::describe_metrics;
pub use one_time_token::OneTimeToken;
pub use page::{Cursor, LARGEST_PAGE, Page, PageRequest};
pub use secret::SecretKey;
pub use session::{EndSessionError, RefreshError, Session, TokenPair};
pub use store::db::{
    ConnectError, Database, DatabaseKind, DatabaseUrl, InvalidDatabaseUrl, MigrateError,
    MigrationStatus, PoolOptions, Transaction,
};

/// The examples of the readme compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
