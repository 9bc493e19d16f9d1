//! What is sent and answered.

use doorward::{Password, User};
use doorward_axum::fields::{Fields, FromFields};
use serde::Serialize;
use utoipa::ToSchema;

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    email: Option<String>,
    full_name: Option<String>,
    roles: Vec<String>,
    disabled: bool,
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            email: user.email.as_ref().map(ToString::to_string),
            full_name: user.full_name.as_ref().map(ToString::to_string),
            roles: user.roles.iter().map(ToString::to_string).collect(),
            disabled: !user.is_active(),
        }
    }
}

/// That an account was made, and which.
#[derive(Serialize, ToSchema)]
pub(crate) struct Created {
    pub(crate) message: &'static str,
    pub(crate) user: Account,
}

/// A thing that somebody has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Item {
    pub(crate) item_id: &'static str,
    /// The owner's e-mail address.
    pub(crate) owner: Option<String>,
}

/// The hash of a password.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hash {
    pub(crate) hash: String,
}

/// The password to hash.
pub(crate) struct ToHash(pub(crate) Password);

impl FromFields for ToHash {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.required("password").map(Self)
    }
}
