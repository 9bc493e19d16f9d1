//! `GET /users/{id}`

use axum::extract::State;
use doorward::{Doorward, FindUserError, UserId};

use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::PathParam;
use crate::problem::Problem;
use crate::wire::{Unstored, UserBody};

/// Show an account: the own one, or, for moderators and admins, any.
#[utoipa::path(
    get,
    path = "/{id}",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account.", body = UserBody),
        (status = 403, description = "Insufficient privileges."),
        (status = 404, description = "There is no such account."),
    ),
)]
pub(crate) async fn show_user(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
    PathParam(id): PathParam<UserId>,
) -> Result<Unstored<UserBody>, Problem> {
    match engine.find_user(&user.caller(origin), id).await {
        Ok(found) => Ok(Unstored(UserBody::from(&found))),
        Err(FindUserError::Denied) => Err(user.denial()),
        Err(error) => Err(error.into()),
    }
}
