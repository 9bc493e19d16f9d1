//! `POST /auth/email/verification/confirm`

use axum::extract::State;
use doorward::Doorward;
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::{Fields, FromFields, JsonBody};
use crate::problem::Problem;
use crate::wire::{MessageBody, Unstored};

/// A mailed token.
#[derive(ToSchema)]
#[schema(as = EmailVerificationConfirm)]
pub(crate) struct EmailVerificationConfirmBody {
    /// The token of the mail.
    #[schema(
        max_length = 200,
        example = "dw_verify_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    )]
    token: String,
}

impl FromFields for EmailVerificationConfirmBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let token = fields.required("token")?;
        Some(Self { token })
    }
}

/// Verify an e-mail address with the token of a mail.
///
/// The address is the account's, or the one that it was asked to be changed to.
#[utoipa::path(
    post,
    path = "/email/verification/confirm",
    tag = "Authentication",
    request_body(
        content = EmailVerificationConfirmBody,
        example = json!({"token": "dw_verify_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}),
    ),
    responses(
        (status = 200, description = "The address is verified.", body = MessageBody),
        (status = 400, description = "Invalid or expired token."),
        (status = 409, description = "Another account has the address by now."),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn confirm_email_verification(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    JsonBody(body): JsonBody<EmailVerificationConfirmBody>,
) -> Result<Unstored<MessageBody>, Problem> {
    engine
        .confirm_email_verification(&body.token, &origin.anonymous())
        .await?;
    Ok(MessageBody::done("Email verified successfully"))
}
