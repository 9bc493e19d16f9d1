//! The shapes of the answers.

use doorward::User;
use doorward_axum::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

/// A word to whoever asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    pub(crate) message: &'static str,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    id: String,
    email: Option<String>,
    full_name: Option<String>,
    role: Option<String>,
    is_active: bool,
    created_at: String,
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.as_ref().map(ToString::to_string),
            full_name: user.full_name.as_ref().map(ToString::to_string),
            role: user.role().map(ToString::to_string),
            is_active: user.is_active(),
            created_at: rfc3339(user.created_at),
        }
    }
}

/// Who a protected route was shown to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Seen {
    message: &'static str,
    user_id: String,
    user_email: Option<String>,
    user_role: Option<String>,
}

impl Seen {
    pub(crate) fn by(user: &User, message: &'static str) -> Self {
        Self {
            message,
            user_id: user.id.to_string(),
            user_email: user.email.as_ref().map(ToString::to_string),
            user_role: user.role().map(ToString::to_string),
        }
    }
}
