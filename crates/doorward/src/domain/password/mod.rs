//! Which passwords may be chosen.
//!
//! Passwords are looked at as they came in: never trimmed, cut or normalised.

mod common;
mod composition;
mod context;
mod policy;
mod rejected;
mod secret;
mod sequence;
mod strength;

pub use composition::CharacterKind;
pub use context::PasswordContext;
pub use policy::PasswordPolicy;
pub use rejected::{PasswordFault, PasswordRejected};
pub use secret::{Password, PasswordHash};
pub use strength::PasswordStrength;
pub(crate) use strength::StrengthEstimate;
