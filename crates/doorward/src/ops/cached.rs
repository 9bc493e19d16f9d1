//! What requests need again and again, from the caches or else from the database.

use std::sync::Arc;

use crate::cache::{CachedSession, CurrentCaches};
use crate::domain::account::UserSnapshot;
use crate::domain::authz::{Role, RoleCatalogue};
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, UserId};
use crate::engine::Engine;
use crate::ops::failing::fails_internally;
use crate::store::db::StoreError;
use crate::store::{roles, sessions, users};

/// All roles at this moment, from the cache or the database.
pub(crate) async fn role_catalogue(engine: &Arc<Engine>) -> Result<Arc<RoleCatalogue>, Failure> {
    let cached = engine.caches().if_current();
    if let Some(catalogue) = cached.and_then(CurrentCaches::find_roles) {
        return Ok(catalogue);
    }
    let permit = engine.caches().begin_roles_fill();
    let roles = engine
        .database()
        .read(|tx| Box::pin(async move { roles::list(tx).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let app_roles = &engine.config().app_roles;
    let catalogue = Arc::new(RoleCatalogue::new(roles.into_iter().map(|role| Role {
        built_in: role.built_in || app_roles.defines(&role.name),
        ..role
    })));
    engine.caches().fill_roles(Arc::clone(&catalogue), permit);
    Ok(catalogue)
}

/// Returns the session of this id, live or not, and its account, from the caches or the database.
pub(crate) async fn find_session_and_user(
    engine: &Arc<Engine>,
    id: SessionId,
) -> Result<Option<(CachedSession, Option<Arc<UserSnapshot>>)>, Failure> {
    let cached = engine.caches().if_current();
    let session = cached.and_then(|caches| caches.find_session(id));
    // Most requests end here, and have asked only once whether the caches are current.
    if let (Some(caches), Some(session)) = (cached, session)
        && let Some(user) = caches.find_user(session.user)
    {
        return Ok(Some((session, Some(user))));
    }
    let session = match session {
        Some(session) => session,
        None => match load_session(engine, id).await? {
            Some(session) => session,
            None => return Ok(None),
        },
    };
    let user = find_cached_user(engine, session.user).await?;
    Ok(Some((session, user)))
}

/// Returns the session of this id, live or not, and its account, from the database.
pub(crate) async fn load_session_and_user(
    engine: &Arc<Engine>,
    id: SessionId,
) -> Result<Option<(CachedSession, Option<Arc<UserSnapshot>>)>, Failure> {
    let Some(session) = load_session(engine, id).await? else {
        return Ok(None);
    };
    let user = load_user(engine, session.user).await?;
    Ok(Some((session, user)))
}

async fn load_session(
    engine: &Arc<Engine>,
    id: SessionId,
) -> Result<Option<CachedSession>, Failure> {
    let permit = engine.caches().begin_session_fill(id);
    let found = engine
        .database()
        .read(move |tx| Box::pin(async move { sessions::find(tx, id).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let Some(record) = found else { return Ok(None) };
    let session = CachedSession {
        user: record.user_id,
        epoch: record.epoch,
        authenticated_at: record.authenticated_at,
        ends_at: record.ends_at,
        revoked: record.revoked_at.is_some(),
    };
    engine.caches().fill_session(id, session, permit);
    Ok(Some(session))
}

/// Why there is no account that may be used.
pub(crate) enum NoActiveUser {
    /// It is deactivated.
    Inactive,
    /// There is none of this id.
    NotFound,
    /// It could not be looked up.
    Internal(Failure),
}

fails_internally!(NoActiveUser);

/// The account, if it may be used.
pub(crate) async fn find_active_user(
    engine: &Arc<Engine>,
    id: UserId,
) -> Result<Arc<UserSnapshot>, NoActiveUser> {
    check_active(find_cached_user(engine, id).await?)
}

/// Returns the account, if it may be used.
pub(crate) fn check_active(
    user: Option<Arc<UserSnapshot>>,
) -> Result<Arc<UserSnapshot>, NoActiveUser> {
    match user {
        Some(user) if user.is_active() => Ok(user),
        Some(_) => Err(NoActiveUser::Inactive),
        None => Err(NoActiveUser::NotFound),
    }
}

/// The account as it is at this moment, from the cache or the database.
pub(crate) async fn find_cached_user(
    engine: &Arc<Engine>,
    id: UserId,
) -> Result<Option<Arc<UserSnapshot>>, Failure> {
    let cached = engine.caches().if_current();
    if let Some(user) = cached.and_then(|caches| caches.find_user(id)) {
        return Ok(Some(user));
    }
    load_user(engine, id).await
}

async fn load_user(engine: &Arc<Engine>, id: UserId) -> Result<Option<Arc<UserSnapshot>>, Failure> {
    // Issued before the roles are looked up: what they permit is part of the account.
    let permit = engine.caches().begin_user_fill(id);
    let catalogue = role_catalogue(engine).await?;
    let found = engine
        .database()
        .read(move |tx| Box::pin(async move { users::find(tx, id).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let Some(record) = found else { return Ok(None) };
    let user = Arc::new(record.into_snapshot(&catalogue));
    engine.caches().fill_user(Arc::clone(&user), permit);
    Ok(Some(user))
}
