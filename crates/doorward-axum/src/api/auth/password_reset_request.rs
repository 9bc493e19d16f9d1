//! `POST /auth/password/reset/request`

use std::borrow::Cow;

use axum::extract::State;
use doorward::{Doorward, EmailAddress};
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::{Fields, FromFields, JsonBody};
use crate::problem::Problem;
use crate::wire::{MessageBody, Unstored};

/// The address of an account whose password is forgotten.
#[derive(Debug, ToSchema)]
#[schema(as = PasswordResetRequest)]
pub(crate) struct PasswordResetRequestBody {
    /// The e-mail address of the account.
    #[schema(value_type = String, format = Email, max_length = 254, example = "anna@example.com")]
    email: EmailAddress,
}

impl FromFields for PasswordResetRequestBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email")?;
        Some(Self { email })
    }
}

/// Ask for a mail with a link to set a new password.
///
/// The answer is the same whether an account has this address.
#[utoipa::path(
    post,
    path = "/password/reset/request",
    tag = "Authentication",
    request_body(content = PasswordResetRequestBody, example = json!({"email": "anna@example.com"})),
    responses(
        (status = 200, description = "The request was taken.", body = MessageBody),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn request_password_reset(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    JsonBody(body): JsonBody<PasswordResetRequestBody>,
) -> Result<Unstored<MessageBody>, Problem> {
    let token = engine
        .request_password_reset(&body.email, &origin.anonymous())
        .await?;
    let message: Cow<'static, str> = match token {
        Some(token) => format!("Password reset token (DEV ONLY): {}", token.as_str()).into(),
        None => "If the email exists, a password reset link has been sent".into(),
    };
    Ok(MessageBody::done(message))
}
