//! An account, as every answer shows it.

use axum::body::Body;
use axum::response::Response;
use doorward::{RoleName, User, UserSnapshot};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rfc3339;
use super::unstored::NO_STORE;

/// An account. Never holds a password or its hash.
///
/// ```
/// use axum::Json;
/// use doorward_axum::{CurrentUser, UserBody};
///
/// async fn profile(user: CurrentUser) -> Json<UserBody> {
///     Json(UserBody::from(&*user))
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/profile", axum::routing::get(profile));
/// ```
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User, description = "An account. Never holds a password or its hash.")]
pub struct UserBody {
    /// The id, a UUID of version 7.
    id: Uuid,
    /// The e-mail address, as it was given.
    #[schema(required, example = "anna@example.com")]
    email: Option<String>,
    /// The name to log in with.
    #[schema(required, example = "anna")]
    username: Option<String>,
    /// What the person is called.
    #[schema(required, example = "Anna Kowalska")]
    full_name: Option<String>,
    /// The highest-ranking of the roles.
    #[schema(required, example = "user")]
    role: Option<String>,
    /// All roles, the highest-ranking first.
    #[schema(example = json!(["user"]))]
    roles: Vec<String>,
    /// Whether the account may be used.
    is_active: bool,
    /// Whether the e-mail address was verified.
    is_verified: bool,
    /// When the account was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When one of its fields was last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When its owner last logged in.
    #[schema(required, format = DateTime)]
    last_login_at: Option<String>,
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            username: user
                .username
                .as_ref()
                .map(|username| username.as_str().to_owned()),
            full_name: user.full_name.as_ref().map(|name| name.as_str().to_owned()),
            role: user.role().map(RoleName::to_string),
            roles: user.roles.iter().map(RoleName::to_string).collect(),
            is_active: user.is_active(),
            is_verified: user.is_verified(),
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
            last_login_at: user.last_login_at.map(rfc3339),
        }
    }
}

/// Answers an account of which nothing has changed since it was last shown: the path that
/// clients take most.
pub(crate) fn show(user: &UserSnapshot) -> Response {
    // Texts, numbers and lists of them: there is nothing that could fail.
    let body = user.shown(|user| serde_json::to_vec(&UserBody::from(user)).unwrap_or_default());
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}
