//! Statements about roles, and who has them.

use std::collections::{BTreeMap, BTreeSet};

use super::db::{FromColumn, Row, Statement, StoreError, Tx, Value};
use crate::domain::authz::{Permission, Role, RoleName, built_in_permissions};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;

const LIST: Statement = Statement::new(
    "roles.list",
    "select name, rank, description, created_at, updated_at from doorward_roles",
);
const LIST_PERMISSIONS: Statement = Statement::new(
    "roles.list_permissions",
    "select role_name, permission from doorward_role_permissions",
);
const INSERT: Statement = Statement::new(
    "roles.insert",
    "insert into doorward_roles (name, rank, description, created_at, updated_at) \
     values ($1, $2, $3, $4, $5)",
);
const INSERT_MISSING: Statement = Statement::new(
    "roles.insert_missing",
    "insert into doorward_roles (name, rank, description, created_at, updated_at) \
     values ($1, $2, $3, $4, $5) on conflict (name) do nothing",
);
const LOCK: Statement = Statement::new(
    "roles.lock",
    "update doorward_roles set updated_at = updated_at where name = $1",
);
const UPDATE: Statement = Statement::new(
    "roles.update",
    "update doorward_roles set rank = $2, description = $3, updated_at = $4 where name = $1",
);
const DELETE: Statement =
    Statement::new("roles.delete", "delete from doorward_roles where name = $1");
const CLEAR_PERMISSIONS: Statement = Statement::new(
    "roles.clear_permissions",
    "delete from doorward_role_permissions where role_name = $1",
);
const INSERT_PERMISSION: Statement = Statement::new(
    "roles.insert_permission",
    "insert into doorward_role_permissions (role_name, permission) values ($1, $2)",
);
const GRANT: Statement = Statement::new(
    "roles.grant",
    "insert into doorward_user_roles (user_id, role_name, granted_at) values ($1, $2, $3)",
);
const CLEAR_GRANTS: Statement = Statement::new(
    "roles.clear_grants",
    "delete from doorward_user_roles where user_id = $1",
);
const LIST_GRANTS: Statement = Statement::new(
    "roles.list_grants",
    "select role_name, granted_at from doorward_user_roles where user_id = $1 order by role_name",
);
const LOCK_ADMINS: Statement = Statement::new(
    "roles.lock_admins",
    "update doorward_roles set rank = rank where name = 'admin'",
);

/// Lists every role with what it permits.
pub(crate) async fn list(tx: &mut Tx<'_>) -> Result<Vec<Role>, StoreError> {
    let mut permissions = list_permissions(tx).await?;
    let rows = tx.fetch_all(&LIST, &[]).await?;
    rows.iter()
        .map(|row| {
            let name: RoleName = row.at(0)?;
            let built_in = built_in_permissions(&name);
            Ok(Role {
                rank: row.at(1)?,
                description: row.at(2)?,
                created_at: row.at(3)?,
                updated_at: row.at(4)?,
                built_in: built_in.is_some(),
                permissions: built_in
                    .or_else(|| permissions.remove(&name))
                    .unwrap_or_default(),
                name,
            })
        })
        .collect()
}

async fn list_permissions(
    tx: &mut Tx<'_>,
) -> Result<BTreeMap<RoleName, BTreeSet<Permission>>, StoreError> {
    let mut permissions = BTreeMap::<_, BTreeSet<_>>::new();
    for row in tx.fetch_all(&LIST_PERMISSIONS, &[]).await? {
        let permission = row.at::<String>(1)?.parse().map_err(StoreError::internal)?;
        permissions
            .entry(row.at(0)?)
            .or_default()
            .insert(permission);
    }
    Ok(permissions)
}

/// Inserts a role with what it permits.
pub(crate) async fn insert(tx: &mut Tx<'_>, role: &Role) -> Result<(), StoreError> {
    tx.execute(&INSERT, &values_of(role)).await?;
    insert_permissions(tx, role).await
}

/// Inserts a role with what it permits, unless there is one of this name; tells whether it
/// was inserted.
pub(crate) async fn insert_missing(tx: &mut Tx<'_>, role: &Role) -> Result<bool, StoreError> {
    if tx.execute(&INSERT_MISSING, &values_of(role)).await? == 0 {
        return Ok(false);
    }
    insert_permissions(tx, role).await?;
    Ok(true)
}

fn values_of(role: &Role) -> [Value; 5] {
    [
        (&role.name).into(),
        role.rank.into(),
        role.description.as_str().into(),
        role.created_at.into(),
        role.updated_at.into(),
    ]
}

/// Holds a role's row until the transaction ends; tells whether there is one of this name.
pub(crate) async fn lock(tx: &mut Tx<'_>, name: &RoleName) -> Result<bool, StoreError> {
    Ok(tx.execute(&LOCK, &[name.into()]).await? > 0)
}

/// Writes all changeable fields of a role; tells whether there is one of this name.
pub(crate) async fn update(tx: &mut Tx<'_>, role: &Role) -> Result<bool, StoreError> {
    let values = [
        (&role.name).into(),
        role.rank.into(),
        role.description.as_str().into(),
        role.updated_at.into(),
    ];
    if tx.execute(&UPDATE, &values).await? == 0 {
        return Ok(false);
    }
    tx.execute(&CLEAR_PERMISSIONS, &[(&role.name).into()])
        .await?;
    insert_permissions(tx, role).await?;
    Ok(true)
}

async fn insert_permissions(tx: &mut Tx<'_>, role: &Role) -> Result<(), StoreError> {
    for permission in &role.permissions {
        let values = [(&role.name).into(), permission.as_str().into()];
        tx.execute(&INSERT_PERMISSION, &values).await?;
    }
    Ok(())
}

/// Deletes a role; tells whether there was one of this name.
pub(crate) async fn delete(tx: &mut Tx<'_>, name: &RoleName) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, &[name.into()]).await? > 0)
}

/// Gives an account these roles and no others.
pub(crate) async fn assign(
    tx: &mut Tx<'_>,
    user: UserId,
    names: &[RoleName],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(&CLEAR_GRANTS, &[user.into()]).await?;
    for name in names {
        tx.execute(&GRANT, &[user.into(), name.into(), now.into()])
            .await?;
    }
    Ok(())
}

/// Lists the roles of an account, and since when it has each.
pub(crate) async fn list_grants(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<(RoleName, Timestamp)>, StoreError> {
    let rows = tx.fetch_all(&LIST_GRANTS, &[user.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.at(0)?, row.at(1)?)))
        .collect()
}

/// Makes whoever else changes who is an admin wait until the transaction ends, so that
/// two of them can't each take the other for the one who stays.
pub(crate) async fn lock_admins(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute(&LOCK_ADMINS, &[]).await.map(drop)
}

impl FromColumn for RoleName {
    fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
        row.at::<String>(position)?
            .parse()
            .map_err(StoreError::internal)
    }
}

impl From<&RoleName> for Value {
    fn from(name: &RoleName) -> Self {
        name.as_str().into()
    }
}
