//! What accounts are: their names, their fields, and what is asked of them.

mod change;
mod email_address;
mod filter;
mod full_name;
mod identity;
mod new_user;
mod user;
mod username;

pub use change::UserChange;
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use filter::{UserFilter, UserName};
pub use full_name::{FullName, InvalidFullName};
pub(crate) use identity::check_identity;
pub use identity::{IdentityRejected, RequiredIdentity, TokenSubject};
pub(crate) use new_user::NewPassword;
pub use new_user::{NewUser, Registration};
pub(crate) use user::UserRecord;
pub use user::{User, UserSnapshot};
pub use username::{InvalidUsername, Username};
