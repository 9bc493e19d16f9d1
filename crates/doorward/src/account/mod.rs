//! Accounts: how they come to be, what they hold, how they change and end.

mod create;
mod delete;
mod email_address;
mod erase;
mod export;
mod find;
mod full_name;
mod identity;
mod prepared;
mod recovery;
mod register;
mod statistics;
mod unlock;
mod update;
mod user;
mod username;
mod verification;

pub use create::{CreateUserError, NewUser};
pub use delete::DeleteUserError;
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use export::{
    Export, ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
};
pub use find::{FindUserError, UserFilter, UserName};
pub use full_name::{FullName, InvalidFullName};
pub use identity::IdentityRejected;
pub use prepared::PreparedUser;
pub use recovery::{ConfirmResetError, RequestResetError};
pub use register::{PreparedRegistration, RegisterError, Registration, RegistrationOutcome};
pub use statistics::Statistics;
pub use unlock::UnlockUserError;
pub use update::{UpdateUserError, UserChange};
pub(crate) use user::UserRecord;
pub use user::{User, UserSnapshot};
pub use username::{InvalidUsername, Username};
pub use verification::{ConfirmVerificationError, RequestVerificationError, VerificationRequest};
