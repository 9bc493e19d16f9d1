//! Who may do what: permissions, the roles that bundle them, and the proof of having one.

mod app_role;
mod bring_in;
mod caller;
mod define;
mod permission;
mod role;
mod standing;

pub use app_role::AppRole;
pub(crate) use bring_in::{AppRoles, InvalidAppRole, definitions};
pub use caller::{Actor, Caller, Denied, Origin, Permitted};
pub use define::{NewRole, RoleChange, RoleError};
pub use permission::{
    AuditRead, InvalidPermission, MailRead, MailWrite, Permission, PermissionMarker, RolesAssign,
    RolesRead, RolesWrite, UsersCount, UsersDelete, UsersRead, UsersWrite,
};
pub use role::{Admin, Guest, InvalidRoleName, Moderator, Role, RoleMarker, RoleName};
pub(crate) use role::{NotAssignable, RoleCatalogue, built_in_permissions, check_assignable};
pub(crate) use standing::{NoStanding, Standing, fails_without_standing};
