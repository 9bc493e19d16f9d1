//! How many accounts there are.

use std::sync::Arc;

use crate::domain::authz::{RoleName, UsersCount};
use crate::domain::caller::Permitted;
use crate::domain::failure::Failure;
use crate::engine::Engine;
use crate::ops::cached::role_catalogue;
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

/// Counts the accounts.
pub(crate) async fn count_users(
    engine: &Arc<Engine>,
    _by: &Permitted<UsersCount>,
) -> Result<Statistics, Failure> {
    let catalogue = role_catalogue(engine).await?;
    let ((total, active, verified), by_role) = engine
        .database()
        .read(|tx| {
            Box::pin(
                async move { Ok((users::count_all(tx).await?, users::count_by_role(tx).await?)) },
            )
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
