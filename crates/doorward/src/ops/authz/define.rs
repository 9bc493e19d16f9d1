//! Roles that admins define.

use std::sync::Arc;

use super::{Standing, fails_without_standing};
use crate::domain::audit::Action;
use crate::domain::authz::{
    DEFAULT_RANK, NewRole, Permission, Role, RoleChange, RoleName, RolesRead, RolesWrite,
    built_in_permissions, is_rank, storable,
};
use crate::domain::caller::{Caller, Permitted};
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::cached::role_catalogue;
use crate::ops::failing::fails_internally;
use crate::store::db::{Change, Constraint, StoreError, Tx};
use crate::store::{audit, roles};

/// Why a role was not defined, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// There is no role of this name.
    #[error("there is no such role")]
    NotFound,
    /// There is a role of this name already.
    #[error("there is a role of this name")]
    NameTaken,
    /// Built-in roles can't be changed or deleted, nor can those of
    /// [`Builder::roles`](crate::Builder::roles).
    #[error("the role is built in")]
    BuiltIn,
    /// The caller's session has ended since the request began, or their account has.
    #[error("the caller's session has ended")]
    Revoked,
    /// Accounts have this role.
    #[error("accounts have this role")]
    InUse,
    /// The rank is not within 0 and 399.
    #[error("the rank is out of range")]
    InvalidRank,
    /// The role permits, or would permit, more than its author may do.
    #[error("the role reaches beyond its author's own rights")]
    BeyondOwnRights,
    /// The database did not carry it out.
    #[error("the roles could not be read or changed")]
    Internal(#[source] Failure),
}

fails_internally!(RoleError);
fails_without_standing!(RoleError);

/// Lists all roles, the highest first.
pub(crate) async fn list_roles(
    engine: &Arc<Engine>,
    _by: &Permitted<RolesRead>,
) -> Result<Vec<Role>, Failure> {
    Ok(role_catalogue(engine).await?.list())
}

/// Defines a role.
pub(crate) async fn create_role(
    engine: &Arc<Engine>,
    by: &Permitted<RolesWrite>,
    new: NewRole,
) -> Result<Role, RoleError> {
    // Where it is missing for a moment, because another process deleted it, it stays the app's.
    if engine.config().app_roles.defines(&new.name) {
        return Err(RoleError::BuiltIn);
    }
    let now = engine.now();
    let role = Role {
        name: new.name,
        rank: check_rank(new.rank.unwrap_or(DEFAULT_RANK))?,
        description: storable(&new.description),
        permissions: new.permissions,
        built_in: false,
        created_at: now,
        updated_at: now,
    };
    let record = audit_record(engine, Action::RoleCreated, by.caller()).about_role(&role.name);
    let (caller, inserted) = (by.caller().clone(), role.clone());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                let standing = Standing::of(tx, &caller, now).await?;
                check_reach(&standing, &inserted)?;
                roles::insert(tx, &inserted).await.map_err(name_taken)?;
                tx.changed(Change::Roles);
                audit::insert(tx, &record).await?;
                Ok::<_, RoleError>(())
            })
        })
        .await?;
    Ok(role)
}

/// Changes a role, at once for everybody who has it.
pub(crate) async fn update_role(
    engine: &Arc<Engine>,
    by: &Permitted<RolesWrite>,
    name: &RoleName,
    change: RoleChange,
) -> Result<Role, RoleError> {
    check_is_of_data(engine, name)?;
    let record = audit_record(engine, Action::RoleUpdated, by.caller()).about_role(name);
    let (caller, name, now) = (by.caller().clone(), name.clone(), engine.now());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                let (role, standing) = hold_definable(tx, &caller, &name, now).await?;
                let changed = apply(change, role, now)?;
                check_reach(&standing, &changed)?;
                roles::update(tx, &changed).await?;
                tx.changed(Change::Roles);
                audit::insert(tx, &record).await?;
                Ok(changed)
            })
        })
        .await
}

/// Deletes a role that nobody has.
pub(crate) async fn delete_role(
    engine: &Arc<Engine>,
    by: &Permitted<RolesWrite>,
    name: &RoleName,
) -> Result<(), RoleError> {
    check_is_of_data(engine, name)?;
    let record = audit_record(engine, Action::RoleDeleted, by.caller()).about_role(name);
    let (caller, name, now) = (by.caller().clone(), name.clone(), engine.now());
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                hold_definable(tx, &caller, &name, now).await?;
                if !roles::delete(tx, &name).await.map_err(in_use)? {
                    return Err(RoleError::NotFound);
                }
                tx.changed(Change::Roles);
                audit::insert(tx, &record).await?;
                Ok(())
            })
        })
        .await
}

/// Roles of the release and of the app itself can't be changed.
fn check_is_of_data(engine: &Arc<Engine>, name: &RoleName) -> Result<(), RoleError> {
    if built_in_permissions(name).is_some() || engine.config().app_roles.defines(name) {
        return Err(RoleError::BuiltIn);
    }
    Ok(())
}

/// The role of this name, where the caller may change it: held, so that of two changes at
/// once the second begins with what the first made of it.
async fn hold_definable(
    tx: &mut Tx<'_>,
    caller: &Caller,
    name: &RoleName,
    now: Timestamp,
) -> Result<(Role, Standing), RoleError> {
    if !roles::lock(tx, name).await? {
        return Err(RoleError::NotFound);
    }
    let standing = Standing::of(tx, caller, now).await?;
    let role = standing
        .catalogue
        .find(name)
        .cloned()
        .ok_or(RoleError::NotFound)?;
    check_reach(&standing, &role)?;
    Ok((role, standing))
}

/// Nobody defines, changes or deletes a role that stands for more than they do.
fn check_reach(standing: &Standing, role: &Role) -> Result<(), RoleError> {
    let Standing { caller, catalogue } = standing;
    let reaches = caller.is_permitted(&Permission::ROLES_WRITE)
        && caller.covers(&role.permissions)
        && caller.reaches_rank(role.rank, catalogue);
    if reaches {
        Ok(())
    } else {
        Err(RoleError::BeyondOwnRights)
    }
}

fn apply(change: RoleChange, role: Role, now: Timestamp) -> Result<Role, RoleError> {
    Ok(Role {
        rank: check_rank(change.rank.unwrap_or(role.rank))?,
        description: change
            .description
            .map_or(role.description, |text| storable(&text)),
        permissions: change.permissions.unwrap_or(role.permissions),
        updated_at: now,
        ..role
    })
}

fn check_rank(rank: i64) -> Result<i64, RoleError> {
    if is_rank(rank) {
        Ok(rank)
    } else {
        Err(RoleError::InvalidRank)
    }
}

fn name_taken(error: StoreError) -> RoleError {
    match error {
        StoreError::Constraint(Constraint::RoleName) => RoleError::NameTaken,
        other => other.into(),
    }
}

fn in_use(error: StoreError) -> RoleError {
    match error {
        StoreError::Constraint(Constraint::Reference) => RoleError::InUse,
        other => other.into(),
    }
}
