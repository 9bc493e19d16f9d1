//! Roles and permissions: what they are called, and what each role permits.

mod app_role;
mod new_role;
mod permission;
mod role;

pub use app_role::AppRole;
pub(crate) use app_role::{AppRoles, InvalidAppRole, definitions};
pub(crate) use new_role::{DEFAULT_RANK, is_rank, storable};
pub use new_role::{NewRole, RoleChange};
pub use permission::{
    AuditRead, InvalidPermission, MailRead, MailWrite, Permission, PermissionMarker, RolesAssign,
    RolesRead, RolesWrite, UsersCount, UsersDelete, UsersRead, UsersWrite,
};
pub use role::{Admin, Guest, InvalidRoleName, Moderator, Role, RoleMarker, RoleName};
pub(crate) use role::{NotAssignable, RoleCatalogue, built_in_permissions, check_assignable};
