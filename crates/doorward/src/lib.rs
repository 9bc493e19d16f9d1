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

mod api;
mod builder;
mod cache;
mod captcha;
mod domain;
mod engine;
#[cfg(feature = "http-client")]
mod http_client;
mod instrumentation;
mod jobs;
mod keys;
mod limits;
mod lockout;
mod mail;
mod ops;
mod password;
mod signal;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod workers;

pub use builder::{BuildError, Builder};
pub use cache::CacheSizes;
pub use captcha::{
    Captcha, CaptchaChallenge, CaptchaConfig, CaptchaOffer, CaptchaProvider, CaptchaRefused,
    CaptchaUnavailable, ProofChallenge,
};
#[cfg(feature = "http-client")]
pub use captcha::{CaptchaService, SiteVerify, SiteVerifyBuilder};
pub use domain::account::{
    EmailAddress, FullName, IdentityRejected, InvalidEmailAddress, InvalidFullName,
    InvalidUsername, NewUser, Registration, RequiredIdentity, TokenSubject, User, UserChange,
    UserFilter, UserName, UserSnapshot, Username,
};
pub use domain::audit::{Action, ActorKind, AuditEvent, AuditFilter, Outcome};
pub use domain::authz::{
    Admin, AppRole, AuditRead, Guest, InvalidPermission, InvalidRoleName, MailRead, MailWrite,
    Moderator, NewRole, Permission, PermissionMarker, Role, RoleChange, RoleMarker, RoleName,
    RolesAssign, RolesRead, RolesWrite, UsersCount, UsersDelete, UsersRead, UsersWrite,
};
pub use domain::caller::{Actor, Authenticated, AuthenticatedSession, Caller, Denied, Permitted};
pub use domain::clock::{Clock, SystemClock, Timestamp};
pub use domain::entropy::{Entropy, SystemEntropy};
pub use domain::failure::Failure;
pub use domain::id::{EventId, InvalidId, MailId, SessionId, TokenId, UserId};
pub use domain::limits::{InvalidRate, LimitClass, Rate, RateLimits, Throttled};
pub use domain::lockout::LockoutPolicy;
pub use domain::mail::{MailFacts, MailKind, Notices};
pub use domain::one_time_token::OneTimeToken;
pub use domain::origin::Origin;
pub use domain::page::{Cursor, LARGEST_PAGE, Page, PageRequest};
pub use domain::password::{
    CharacterKind, Password, PasswordContext, PasswordFault, PasswordHash, PasswordPolicy,
    PasswordRejected, PasswordStrength,
};
pub use domain::retention::Retention;
pub use domain::secret::SecretKey;
pub use doorward_protocol::claims::{ClaimName, ExtraClaims, ReservedClaim, TokenError};
pub use engine::Doorward;
pub use engine::hooks::{
    AfterLogin, AfterRegister, BeforeRegister, ClaimsContext, Hooked, Hooks, RegistrationRefused,
};
#[cfg(feature = "http-client")]
pub use http_client::HttpClientError;
pub use instrumentation::describe_metrics;
pub use limits::{Decision, InProcessLimiter, RateLimiter};
pub use mail::{
    InvalidLink, InvalidTemplate, KeptMail, KeptMails, Links, MailConfig, Mailer, OutgoingMail,
    RenderedMail, SendError, Sending, TemplateError, Templates,
};
#[cfg(feature = "smtp")]
pub use mail::{InvalidSmtpConfig, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use ops::account::{
    ConfirmResetError, ConfirmVerificationError, CreateUserError, DeleteUserError, Export,
    ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
    FindUserError, PreparedRegistration, PreparedUser, RegisterError, RegistrationOutcome,
    RequestResetError, RequestVerificationError, Statistics, UnlockUserError, UpdateUserError,
    VerificationRequest,
};
pub use ops::authn::{
    AssessPasswordError, AuthenticateError, ChangePasswordError, LoginAttempt, LoginError,
    LoginIdentifier, LoginOutcome, PasswordAssessment, Reauthentication, UnknownName,
};
pub use ops::authz::RoleError;
pub use ops::mail::{Delivery, MailInOutbox, OutboxCount};
pub use ops::maintenance::Housekeeping;
pub use ops::session::{EndSessionError, RefreshError, Session, TokenPair};
#[cfg(feature = "http-client")]
pub use password::RangeQuery;
pub use password::{
    Argon2Params, BreachCheckUnavailable, BreachedPasswords, HasherBusy, HasherConfig,
    InvalidArgon2Params, PasswordHasher, PasswordSha1, UnusableHash, Verdict,
};
pub use store::db::{
    ConnectError, Database, DatabaseKind, DatabaseUrl, InvalidDatabaseUrl, MigrateError,
    MigrationStatus, PoolOptions, Transaction,
};

/// The examples of the readme compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
