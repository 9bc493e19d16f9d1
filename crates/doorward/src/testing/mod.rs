//! How an app tests what it builds upon the engine.
//!
//! [`TestDoorward`] is an engine in memory that is there in milliseconds: its clock stands
//! still until the test moves it, its mail is kept instead of sent, and its hashes cost next
//! to nothing. Every test has one of its own, so that tests run side by side.
//!
//! ```
//! use std::time::Duration;
//! use doorward::RoleName;
//! use doorward::testing::{TestDoorward, anonymous, token_in};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What the app decides, with its own roles and settings, it decides here too.
//! let auth = TestDoorward::start_with(|builder| builder.issuer("my-app")).await;
//!
//! // Somebody with a role, logged in: `authorization()` is the header of their requests.
//! let admin = auth.login_as(RoleName::ADMIN).await;
//! assert!(admin.authorization().starts_with("Bearer ey"));
//! assert!(admin.user.has_role(&RoleName::ADMIN));
//!
//! // Nothing is waited for: the clock is moved.
//! assert!(auth.authenticate(&admin.tokens.access_token).await.is_ok());
//! auth.advance(Duration::from_secs(31 * 60));
//! assert!(auth.authenticate(&admin.tokens.access_token).await.is_err());
//!
//! // What was mailed since the last look, and the token in its link.
//! let anna = auth.add_user("anna@example.com", [RoleName::USER]).await;
//! let address = anna.email.ok_or("everybody has one here")?;
//! auth.request_password_reset(&address, &anonymous()).await?;
//! let mails = auth.mails().await;
//! let token = token_in(&mails[0]);
//! auth.confirm_password_reset(&token, "a new and better one".into(), &anonymous()).await?;
//! auth.log_in("anna@example.com", "a new and better one").await;
//! # Ok(())
//! # }
//! ```
//!
//! How the routes of an axum app are tested with it, from the request to the answer, the
//! documentation of `doorward-axum` shows under "Testing your routes".
//!
//! Whatever the kit can't do makes it panic, with the reason: in a test there is nothing
//! better to do.

mod arguments;
mod kit;
mod sources;
mod user;

use crate::builder::Builder;
use crate::domain::limits::RateLimits;
use crate::engine::Doorward;
use crate::password::{Argon2Params, HasherConfig};
use crate::store::db::Database;

pub use arguments::{anonymous, mail_config, operator, token_in};
pub use kit::{PASSWORD, START, TestDoorward};
pub use sources::{FixedClock, SeededEntropy};
pub use user::TestUser;

/// The secret of test engines.
pub const SECRET: &str = "a secret of tests, long enough for HS256";

/// Begins an engine for tests on `database`: a fixed [`SECRET`], hashes that take less than a
/// millisecond, nothing in the background, no rate limits. Everything else is for the caller to
/// add, or is done by [`TestDoorward`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::{Database, testing};
///
/// let database = Database::connect("sqlite::memory:").await?;
/// let auth = testing::builder(database).build().await?;
/// # drop(auth);
/// # Ok(())
/// # }
/// ```
pub fn builder(database: Database) -> Builder {
    let params = Argon2Params::new(64, 1, 1).unwrap_or_default();
    Doorward::builder(database)
        .secret_key(SECRET)
        .hasher(HasherConfig {
            params,
            ..HasherConfig::default()
        })
        .maintain(false)
        .rate_limits(RateLimits::NONE)
}
