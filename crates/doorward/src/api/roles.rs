//! Roles that are defined in the database.

use crate::domain::authz::{NewRole, Role, RoleChange, RoleName, RolesRead, RolesWrite};
use crate::domain::caller::Permitted;
use crate::domain::failure::Failure;
use crate::engine::Doorward;
use crate::ops::authz::{RoleError, define};

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
    pub async fn list_roles(&self, by: &Permitted<RolesRead>) -> Result<Vec<Role>, Failure> {
        define::list_roles(&self.0, by).await
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
        define::create_role(&self.0, by, new).await
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
        define::update_role(&self.0, by, name, change).await
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
        define::delete_role(&self.0, by, name).await
    }
}
