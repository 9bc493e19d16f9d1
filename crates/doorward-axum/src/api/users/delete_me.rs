//! `DELETE /users/me`

use axum::extract::State;
use doorward::{AuthenticateError, DeleteUserError, Doorward, Password, Reauthentication};
use http::StatusCode;
use utoipa::ToSchema;

use crate::cookie_sessions::{LogoutCookies, SetCookies};
use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::{Fields, FromFields, OptionalJsonBody};
use crate::problem::Problem;

/// The proof that it is still the owner.
#[derive(Debug, ToSchema)]
#[schema(as = AccountDeletion)]
pub(crate) struct DeleteMeBody {
    /// The own password; not needed within five minutes of a login.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1024)]
    current_password: Option<Password>,
}

impl FromFields for DeleteMeBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            current_password: fields.optional("current_password")?,
        })
    }
}

/// Delete the own account with all that belongs to it, at once.
#[utoipa::path(
    delete,
    path = "/me",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(
        content = Option<DeleteMeBody>,
        example = json!({"current_password": "correct horse battery staple"}),
    ),
    responses(
        (status = 204, description = "The account is gone."),
        (status = 400, description = "Current password is incorrect."),
        (status = 403, description = "The current password is needed."),
        (status = 409, description = "It is the last active admin."),
        (status = 429, description = "Too many current passwords were incorrect."),
    ),
)]
pub(crate) async fn delete_me(
    State(engine): State<Doorward>,
    cookies: LogoutCookies,
    origin: RequestOrigin,
    user: CurrentUser,
    OptionalJsonBody(body): OptionalJsonBody<DeleteMeBody>,
) -> Result<(SetCookies, StatusCode), Problem> {
    let caller = user.caller(origin);
    let proof = Reauthentication {
        password: body.current_password,
    };
    match engine.delete_own_account(&user.0, &caller, &proof).await {
        Ok(()) => Ok((cookies.cleared(), StatusCode::NO_CONTENT)),
        // It was there when its token was looked at.
        Err(DeleteUserError::NotFound) => Err(AuthenticateError::Revoked.into()),
        Err(error) => Err(error.into()),
    }
}
