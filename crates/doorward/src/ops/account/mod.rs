//! Accounts: how they come to be, change and end; recovery and verification.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod recovery;
pub(crate) mod register;
pub(crate) mod unlock;
pub(crate) mod update;
pub(crate) mod verification;

pub use create::{CreateUserError, PreparedUser};
pub use delete::DeleteUserError;
pub use export::{
    Export, ExportedLoginFailures, ExportedOrigin, ExportedRole, ExportedSession, ExportedToken,
};
pub use find::{FindUserError, Statistics};
pub use recovery::{ConfirmResetError, RequestResetError};
pub use register::{PreparedRegistration, RegisterError, RegistrationOutcome};
pub use unlock::UnlockUserError;
pub use update::UpdateUserError;
pub use verification::{ConfirmVerificationError, RequestVerificationError, VerificationRequest};
