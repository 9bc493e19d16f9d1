//! Roles that admins define.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{
    Caller, Permission, Permitted, Role, RoleCatalogue, RoleName, RolesRead, RolesWrite, Standing,
    built_in_permissions, fails_without_standing,
};
use crate::audit::Action;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::store::db::{Change, Constraint, StoreError, Tx};
use crate::store::{audit, roles};

/// The rank of a defined role where none is given: between `guest` and `user`.
pub(super) const DEFAULT_RANK: i64 = 150;
/// No defined role stands as high as `admin`.
const HIGHEST_RANK: i64 = 399;

/// A role to define.
///
/// ```
/// use doorward::{NewRole, Permission, RoleName};
///
/// let role = NewRole::new(RoleName::new("billing"))
///     .rank(250)
///     .description("Sends invoices")
///     .permits([Permission::new("invoices:send")]);
/// assert_eq!(role.rank, Some(250));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewRole {
    /// Its name.
    pub name: RoleName,
    /// Where it stands, from 0 to 399. Default: 150, between `guest` and `user`.
    pub rank: Option<i64>,
    /// What it is for, in words.
    pub description: String,
    /// What it permits.
    pub permissions: BTreeSet<Permission>,
}

impl NewRole {
    /// A role that permits nothing yet.
    pub fn new(name: RoleName) -> Self {
        Self {
            name,
            rank: None,
            description: String::new(),
            permissions: BTreeSet::new(),
        }
    }

    /// The same at this rank, from 0 to 399.
    #[must_use]
    pub fn rank(mut self, rank: i64) -> Self {
        self.rank = Some(rank);
        self
    }

    /// The same with what it is for, in words.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same permitting this too.
    #[must_use]
    pub fn permits(mut self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        self.permissions.extend(permissions);
        self
    }
}

/// What to change of a role; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RoleChange {
    /// Where it stands, from 0 to 399.
    pub rank: Option<i64>,
    /// What it is for, in words.
    pub description: Option<String>,
    /// What it permits, from now on, for everybody who has it.
    pub permissions: Option<BTreeSet<Permission>>,
}

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

impl Doorward {
    /// Lists all roles, the highest first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::Permitted;
    ///
    /// let roles = auth.list_roles(&Permitted::operator()).await?;
    /// let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    /// assert_eq!(names, ["admin", "moderator", "user", "guest"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_roles(&self, _by: &Permitted<RolesRead>) -> Result<Vec<Role>, Failure> {
        Ok(self.role_catalogue().await?.list())
    }

    /// Defines a role.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = auth.login_as("admin").await.caller();
    /// use doorward::{NewRole, Permission, RoleName, RolesWrite};
    ///
    /// let by = caller.permit::<RolesWrite>()?;
    /// let billing = NewRole::new(RoleName::new("billing"))
    ///     .rank(250)
    ///     .permits([Permission::new("invoices:send")]);
    /// let billing = auth.create_role(&by, billing).await?;
    /// assert!(!billing.built_in);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RoleError::NameTaken`], [`RoleError::InvalidRank`] and [`RoleError::BeyondOwnRights`]
    /// as they say; [`RoleError::BuiltIn`] for the name of a role of the application's own;
    /// [`RoleError::Internal`] where the database does not answer.
    pub async fn create_role(
        &self,
        by: &Permitted<RolesWrite>,
        new: NewRole,
    ) -> Result<Role, RoleError> {
        // Where it is missing for a moment, because another process deleted it, it stays the app's.
        if self.config().app_roles.defines(&new.name) {
            return Err(RoleError::BuiltIn);
        }
        let now = self.now();
        let role = Role {
            name: new.name,
            rank: check_rank(new.rank.unwrap_or(DEFAULT_RANK))?,
            description: storable(&new.description),
            permissions: new.permissions,
            built_in: false,
            created_at: now,
            updated_at: now,
        };
        let record = self
            .record(Action::RoleCreated, by.caller())
            .about_role(&role.name);
        let (caller, inserted) = (by.caller().clone(), role.clone());
        self.database()
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = auth.login_as("admin").await.caller();
    /// # let by = caller.permit::<RolesWrite>()?;
    /// # let name = RoleName::new("billing");
    /// # auth.create_role(&by, doorward::NewRole::new(name.clone())).await?;
    /// use doorward::{Permission, RoleChange, RoleName, RolesWrite};
    ///
    /// let permissions = [Permission::new("invoices:send"), Permission::new("invoices:read")];
    /// let change = RoleChange { permissions: Some(permissions.into()), ..RoleChange::default() };
    /// let billing = auth.update_role(&by, &name, change).await?;
    /// assert_eq!(billing.permissions.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RoleError::NotFound`], [`RoleError::BuiltIn`], [`RoleError::InvalidRank`] and
    /// [`RoleError::BeyondOwnRights`] as they say; [`RoleError::Internal`] where the
    /// database does not answer.
    pub async fn update_role(
        &self,
        by: &Permitted<RolesWrite>,
        name: &RoleName,
        change: RoleChange,
    ) -> Result<Role, RoleError> {
        self.check_is_of_data(name)?;
        let record = self
            .record(Action::RoleUpdated, by.caller())
            .about_role(name);
        let (caller, name, now) = (by.caller().clone(), name.clone(), self.now());
        self.database()
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = auth.login_as("admin").await.caller();
    /// # let by = caller.permit::<RolesWrite>()?;
    /// # let name = RoleName::new("billing");
    /// # auth.create_role(&by, doorward::NewRole::new(name.clone())).await?;
    /// use doorward::{RoleError, RoleName, RolesWrite};
    ///
    /// auth.delete_role(&by, &name).await?;
    /// let refused = auth.delete_role(&by, &RoleName::GUEST).await;
    /// assert!(matches!(refused, Err(RoleError::BuiltIn)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RoleError::NotFound`], [`RoleError::BuiltIn`], [`RoleError::InUse`] and
    /// [`RoleError::BeyondOwnRights`] as they say; [`RoleError::Internal`] where the
    /// database does not answer.
    pub async fn delete_role(
        &self,
        by: &Permitted<RolesWrite>,
        name: &RoleName,
    ) -> Result<(), RoleError> {
        self.check_is_of_data(name)?;
        let record = self
            .record(Action::RoleDeleted, by.caller())
            .about_role(name);
        let (caller, name, now) = (by.caller().clone(), name.clone(), self.now());
        self.database()
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
    fn check_is_of_data(&self, name: &RoleName) -> Result<(), RoleError> {
        if built_in_permissions(name).is_some() || self.config().app_roles.defines(name) {
            return Err(RoleError::BuiltIn);
        }
        Ok(())
    }

    /// All roles at this moment, from the cache or the database.
    pub(crate) async fn role_catalogue(&self) -> Result<Arc<RoleCatalogue>, Failure> {
        if let Some(catalogue) = self.caches().find_roles() {
            return Ok(catalogue);
        }
        let ticket = self.caches().begin_roles();
        let roles = self
            .database()
            .read(|tx| Box::pin(async move { roles::list(tx).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let app_roles = &self.config().app_roles;
        let catalogue = Arc::new(RoleCatalogue::new(roles.into_iter().map(|role| Role {
            built_in: role.built_in || app_roles.defines(&role.name),
            ..role
        })));
        self.caches().fill_roles(Arc::clone(&catalogue), ticket);
        Ok(catalogue)
    }
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

/// The text as every database can hold it: PostgreSQL has no texts with NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

fn check_rank(rank: i64) -> Result<i64, RoleError> {
    if is_rank(rank) {
        Ok(rank)
    } else {
        Err(RoleError::InvalidRank)
    }
}

pub(super) fn is_rank(rank: i64) -> bool {
    (0..=HIGHEST_RANK).contains(&rank)
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
