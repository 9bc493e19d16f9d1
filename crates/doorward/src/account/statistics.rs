//! How many accounts there are.

use crate::authz::{Permitted, RoleName, UsersCount};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::store::db::StoreError;
use crate::store::users;

/// How many accounts there are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// In all.
    pub total: u64,
    /// That may be used.
    pub active: u64,
    /// With a verified e-mail address.
    pub verified: u64,
    /// With each of the defined roles, the highest first; one with several counts for each.
    pub by_role: Vec<(RoleName, u64)>,
}

impl Doorward {
    /// Counts the accounts.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["moderator"]).await;
    /// use doorward::{Permitted, RoleName};
    ///
    /// let counted = auth.count_users(&Permitted::operator()).await?;
    /// assert_eq!((counted.total, counted.active, counted.verified), (1, 1, 1));
    /// assert!(counted.by_role.contains(&(RoleName::MODERATOR, 1)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn count_users(&self, _by: &Permitted<UsersCount>) -> Result<Statistics, Failure> {
        let catalogue = self.role_catalogue().await?;
        let ((total, active, verified), by_role) = self
            .database()
            .read(|tx| {
                Box::pin(async move {
                    Ok((users::count_all(tx).await?, users::count_by_role(tx).await?))
                })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        let of_role = |name: &RoleName| {
            by_role
                .iter()
                .find(|(role, _)| role == name)
                .map_or(0, |(_, number)| count(*number))
        };
        Ok(Statistics {
            total: count(total),
            active: count(active),
            verified: count(verified),
            by_role: catalogue
                .list()
                .into_iter()
                .map(|role| (role.name.clone(), of_role(&role.name)))
                .collect(),
        })
    }
}
