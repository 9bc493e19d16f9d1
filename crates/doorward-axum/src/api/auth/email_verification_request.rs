//! `POST /auth/email/verification/request`

use std::borrow::Cow;

use axum::extract::State;
use doorward::{Doorward, VerificationRequest};

use crate::extract::{CurrentUser, RequestOrigin};
use crate::problem::Problem;
use crate::wire::{MessageBody, Unstored};

/// Ask for a mail with a link to verify the own e-mail address.
#[utoipa::path(
    post,
    path = "/email/verification/request",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses(
        (status = 200, description = "The mail is on its way, or not needed.", body = MessageBody),
        (
            status = 409,
            description = "The account has no e-mail address, or the server sends no mail.",
        ),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn request_email_verification(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
) -> Result<Unstored<MessageBody>, Problem> {
    let caller = user.caller(origin);
    let outcome = engine.request_email_verification(&user.0, &caller).await?;
    let message: Cow<'static, str> = match outcome {
        VerificationRequest::AlreadyVerified => "Email already verified".into(),
        VerificationRequest::Sent(None) => "Verification email sent".into(),
        VerificationRequest::Sent(Some(token)) => {
            format!("Verification token (DEV ONLY): {}", token.as_str()).into()
        }
    };
    Ok(MessageBody::done(message))
}
