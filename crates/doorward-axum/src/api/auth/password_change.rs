//! `POST /auth/password/change`

use axum::extract::State;
use doorward::{Doorward, Password};
use utoipa::ToSchema;

use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::wire::{AccountBody, AccountRules, FromAccountFields, MessageBody, Unstored};

/// The password as it is, and as it is to be.
#[derive(Debug, ToSchema)]
#[schema(as = PasswordChange)]
pub(crate) struct PasswordChangeBody {
    /// The password that the account has.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    current_password: Password,
    /// The password that it is to have, of 8 characters or more, up to 1024 bytes.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 1024, example = "purple kettle sings at noon")]
    new_password: Password,
}

impl FromAccountFields for PasswordChangeBody {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let current_password = fields.required("current_password");
        let new_password = rules.required_password(fields, "new_password");
        Some(Self {
            current_password: current_password?,
            new_password: new_password?,
        })
    }
}

/// Change the own password; all other sessions end.
#[utoipa::path(
    post,
    path = "/password/change",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(
        content = PasswordChangeBody,
        example = json!({
            "current_password": "correct horse battery staple",
            "new_password": "purple kettle sings at noon",
        }),
    ),
    responses(
        (status = 200, description = "The password was changed.", body = MessageBody),
        (status = 400, description = "Current password is incorrect."),
        (status = 429, description = "Too many current passwords were incorrect."),
    ),
)]
pub(crate) async fn change_password(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
    AccountBody(body): AccountBody<PasswordChangeBody>,
) -> Result<Unstored<MessageBody>, Problem> {
    let caller = user.caller(origin);
    engine
        .change_password(&user.0, &caller, body.current_password, body.new_password)
        .await?;
    Ok(MessageBody::done("Password changed successfully"))
}
