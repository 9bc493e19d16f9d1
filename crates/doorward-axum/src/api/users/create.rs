//! `POST /users`

use axum::extract::State;
use doorward::{Doorward, UsersWrite};
use http::StatusCode;

use crate::extract::RequirePermission;
use crate::problem::Problem;
use crate::wire::{NewUserBody, Unstored, UserBody};

/// Make an account for somebody.
#[utoipa::path(
    post,
    path = "",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(
        content = NewUserBody,
        example = json!({
            "email": "boris@example.com",
            "password": "correct horse battery staple",
            "roles": ["moderator", "user"],
            "is_verified": true,
        }),
    ),
    responses(
        (status = 201, description = "The account.", body = UserBody),
        (status = 403, description = "Insufficient privileges."),
        (status = 409, description = "The e-mail address or the username is taken."),
    ),
)]
pub(crate) async fn create_user(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersWrite>,
    NewUserBody(new): NewUserBody,
) -> Result<(StatusCode, Unstored<UserBody>), Problem> {
    let user = engine.create_user(&by, new).await?;
    Ok((StatusCode::CREATED, Unstored(UserBody::from(&user))))
}
