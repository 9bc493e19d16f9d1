//! `GET /auth/me`

use axum::Json;

use crate::extract::CurrentUser;
use crate::wire::UserBody;

/// Show the own account.
#[utoipa::path(
    get,
    path = "/me",
    tag = "Authentication",
    operation_id = "auth_me",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses((status = 200, description = "The account.", body = UserBody)),
)]
pub(crate) async fn me(user: CurrentUser) -> Json<UserBody> {
    Json(UserBody::from(&*user))
}
