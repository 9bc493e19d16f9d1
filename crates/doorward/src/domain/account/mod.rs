//! What accounts are: their names, their fields, and what is asked of them.

mod email_address;
mod full_name;
mod identity;
mod requests;
mod user;
mod username;

pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use full_name::{FullName, InvalidFullName};
pub(crate) use identity::check_identity;
pub use identity::{IdentityRejected, RequiredIdentity, TokenSubject};
pub(crate) use requests::NewPassword;
pub use requests::{NewUser, Registration, UserChange, UserFilter, UserName};
pub(crate) use user::UserRecord;
pub use user::{User, UserSnapshot};
pub use username::{InvalidUsername, Username};
