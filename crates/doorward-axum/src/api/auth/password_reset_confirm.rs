//! `POST /auth/password/reset/confirm`

use axum::extract::State;
use doorward::{Doorward, Password};
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::wire::{AccountBody, AccountRules, FromAccountFields, MessageBody, Unstored};

/// A mailed token, and the password that the account is to have.
#[derive(ToSchema)]
#[schema(as = PasswordResetConfirm)]
pub(crate) struct PasswordResetConfirmBody {
    /// The token of the mail.
    #[schema(
        max_length = 200,
        example = "dw_reset_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    )]
    token: String,
    /// The new password, of 8 characters or more, up to 1024 bytes.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 1024, example = "purple kettle sings at noon")]
    new_password: Password,
}

impl FromAccountFields for PasswordResetConfirmBody {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let token = fields.required("token");
        let new_password = rules.required_password(fields, "new_password");
        Some(Self {
            token: token?,
            new_password: new_password?,
        })
    }
}

/// Set a new password with the token of a mail; all sessions end.
#[utoipa::path(
    post,
    path = "/password/reset/confirm",
    tag = "Authentication",
    request_body(
        content = PasswordResetConfirmBody,
        example = json!({
            "token": "dw_reset_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
            "new_password": "purple kettle sings at noon",
        }),
    ),
    responses(
        (status = 200, description = "The password was set.", body = MessageBody),
        (status = 400, description = "Invalid or expired token."),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn confirm_password_reset(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    AccountBody(body): AccountBody<PasswordResetConfirmBody>,
) -> Result<Unstored<MessageBody>, Problem> {
    engine
        .confirm_password_reset(&body.token, body.new_password, &origin.anonymous())
        .await?;
    Ok(MessageBody::done("Password reset successful"))
}
