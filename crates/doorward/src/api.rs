//! The operations of [`Doorward`], by subject. Each delegates in one line.

mod accounts;
mod emails;
mod mail;
mod maintenance;
mod passwords;
mod registration;
mod roles;
mod sessions;

use crate::builder::Builder;
use crate::engine::Doorward;
use crate::store::db::Database;

impl Doorward {
    /// Begins an engine on this database.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::{Database, Doorward, RequiredIdentity};
    ///
    /// let auth = Doorward::builder(Database::connect("sqlite::memory:").await?)
    ///     .secret_key("0123456789abcdef0123456789abcdef")
    ///     .required_identity(RequiredIdentity::Username)
    ///     .build()
    ///     .await?;
    /// # drop(auth);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(database: Database) -> Builder {
        Builder::new(database)
    }
}
