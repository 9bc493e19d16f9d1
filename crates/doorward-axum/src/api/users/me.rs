//! `GET /users/me`

use axum::response::Response;

use crate::extract::CurrentUser;
use crate::wire::{UserBody, show};

/// Show the own account.
#[utoipa::path(
    get,
    path = "/me",
    tag = "Users",
    operation_id = "users_me",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses((status = 200, description = "The account.", body = UserBody)),
)]
pub(crate) async fn me(user: CurrentUser) -> Response {
    show(&user.0.user)
}
