//! The handle that an application holds.

use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use crate::domain::account::RequiredIdentity;
use crate::domain::password::PasswordPolicy;

/// The engine: accounts, login, tokens, sessions and roles on one database.
///
/// Cheap to clone; all clones are one. Two engines in one process know nothing of each other.
///
/// ```
/// use doorward::{Database, Doorward};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Database::connect("sqlite::memory:").await?;
/// let auth = Doorward::builder(database)
///     .secret_key("0123456789abcdef0123456789abcdef")
///     .build()
///     .await?;
/// auth.check_health().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Doorward(pub(crate) Arc<Engine>);

impl Doorward {
    /// How long an access token is good for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use std::time::Duration;
    ///
    /// assert_eq!(auth.access_token_ttl(), Duration::from_secs(30 * 60));
    /// # Ok(())
    /// # }
    /// ```
    pub fn access_token_ttl(&self) -> Duration {
        self.0.config().access_token_ttl
    }

    /// How long a refresh token is good for, and a session that is not used.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use std::time::Duration;
    ///
    /// assert_eq!(auth.refresh_token_ttl(), Duration::from_secs(7 * 24 * 60 * 60));
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh_token_ttl(&self) -> Duration {
        self.0.config().refresh_token_ttl
    }

    /// What a new password must be like.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// let hint = format!("At least {} characters", auth.password_policy().min_length);
    /// assert_eq!(hint, "At least 8 characters");
    /// # Ok(())
    /// # }
    /// ```
    pub fn password_policy(&self) -> &PasswordPolicy {
        &self.0.config().password_policy
    }

    /// Which names an account must have.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::RequiredIdentity;
    ///
    /// let label = match auth.required_identity() {
    ///     RequiredIdentity::Email => "E-mail address",
    ///     RequiredIdentity::Username => "Username",
    ///     _ => "Username or e-mail address",
    /// };
    /// assert_eq!(label, "E-mail address");
    /// # Ok(())
    /// # }
    /// ```
    pub fn required_identity(&self) -> RequiredIdentity {
        self.0.config().required_identity
    }
}
