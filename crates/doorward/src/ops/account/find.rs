//! Accounts, one by one and in pages.

use std::sync::Arc;

use crate::domain::account::{User, UserFilter, UserName};
use crate::domain::authz::{Permission, RoleName, UsersCount, UsersRead};
use crate::domain::caller::{Caller, Permitted};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::page::{Page, PageRequest};
use crate::engine::Engine;
use crate::ops::cached::{find_cached_user, role_catalogue};
use crate::ops::failing::fails_internally;
use crate::store::db::StoreError;
use crate::store::{user_lists, users};

/// Why an account was not shown.
#[derive(Debug, thiserror::Error)]
pub enum FindUserError {
    /// The caller may not see accounts of others.
    #[error("insufficient privileges")]
    Denied,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The database did not answer.
    #[error("the account could not be looked up")]
    Internal(#[source] Failure),
}

fails_internally!(FindUserError);

/// Shows an account to its owner, or to whoever may see all.
pub(crate) async fn find_user(
    engine: &Arc<Engine>,
    caller: &Caller,
    id: UserId,
) -> Result<User, FindUserError> {
    if caller.user_id() != Some(id) && !caller.is_permitted(&Permission::USERS_READ) {
        return Err(FindUserError::Denied);
    }
    let found = find_cached_user(engine, id).await?;
    found
        .map(|user| User::clone(&user))
        .ok_or(FindUserError::NotFound)
}

/// Finds an account by what an operator calls it.
pub(crate) async fn find_user_named(
    engine: &Arc<Engine>,
    by: &Permitted<UsersRead>,
    name: UserName,
) -> Result<User, FindUserError> {
    let id = match name {
        UserName::Id(id) => Some(id),
        UserName::Email(email) => engine
            .database()
            .read(move |tx| Box::pin(async move { users::find_login_by_email(tx, &email).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?
            .map(|login| login.id),
        UserName::Username(username) => engine
            .database()
            .read(move |tx| {
                Box::pin(async move { users::find_login_by_username(tx, &username).await })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?
            .map(|login| login.id),
    };
    find_user(engine, by.caller(), id.ok_or(FindUserError::NotFound)?).await
}

/// Lists accounts in the order in which they were made.
pub(crate) async fn list_users(
    engine: &Arc<Engine>,
    _by: &Permitted<UsersRead>,
    filter: UserFilter,
    page: PageRequest,
) -> Result<Page<User>, Failure> {
    let catalogue = role_catalogue(engine).await?;
    let page = engine
        .database()
        .read(move |tx| {
            Box::pin(async move {
                let total = match page.count {
                    true => u64::try_from(user_lists::count(tx, &filter).await?).ok(),
                    false => None,
                };
                let records = user_lists::list(tx, &filter, &page).await?;
                Ok(Page::cut(records, &page, total, |user| user.id.as_uuid()))
            })
        })
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    Ok(page.map(|record| record.into_user(&catalogue)))
}

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
            Box::pin(async move {
                Ok((
                    user_lists::count_all(tx).await?,
                    user_lists::count_by_role(tx).await?,
                ))
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
