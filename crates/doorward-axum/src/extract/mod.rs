//! Extractors: who asks, from where, and whether they may.

mod current_user;
mod origin;
mod permission;
mod role;
mod standing;
mod token;

pub use current_user::{CurrentUser, MaybeUser};
pub use origin::{ClientAddress, RequestOrigin};
pub use permission::RequirePermission;
pub use role::{RequireAnyRole, RequireRole};
pub use standing::{RequireRecentLogin, RequireVerified};
