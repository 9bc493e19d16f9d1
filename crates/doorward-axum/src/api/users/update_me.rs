//! `PATCH /users/me`

use axum::extract::State;
use doorward::{AuthenticateError, Doorward, UpdateUserError};

use super::update::{Update, UpdateBody, change, refusal};
use crate::extract::{CurrentUser, RequestOrigin};
use crate::problem::Problem;
use crate::wire::{AccountBody, Unstored, UserBody};

/// Change the own account.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(content = UpdateBody, example = json!({"full_name": "Anna Kowalska"})),
    responses(
        (status = 200, description = "The account as it is now.", body = UserBody),
        (status = 400, description = "Current password is incorrect."),
        (status = 403, description = "Insufficient privileges, or the current password is needed."),
        (status = 409, description = "A name is taken, or it is the last active admin."),
        (status = 429, description = "Too many current passwords were incorrect, or too many new addresses were asked for."),
    ),
)]
pub(crate) async fn update_me(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
    AccountBody(update): AccountBody<Update>,
) -> Result<Unstored<UserBody>, Problem> {
    change(&engine, &user, origin, user.id, update)
        .await
        .map_err(|error| match error {
            // It was there when its token was looked at.
            UpdateUserError::NotFound => AuthenticateError::Revoked.into(),
            error => refusal(&user, error),
        })
}
