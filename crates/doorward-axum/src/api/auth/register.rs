//! `POST /auth/register`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use doorward::{Doorward, RegistrationOutcome};
use http::StatusCode;

use crate::extract::RequestOrigin;
use crate::problem::Problem;
use crate::wire::{MessageBody, RegistrationBody, Unstored, UserBody};

/// Register an account.
#[utoipa::path(
    post,
    path = "/register",
    tag = "Authentication",
    request_body(
        content = RegistrationBody,
        example = json!({
            "email": "anna@example.com",
            "username": "anna",
            "password": "correct horse battery staple",
            "full_name": "Anna Kowalska",
        }),
    ),
    responses(
        (status = 201, description = "The account.", body = UserBody),
        (
            status = 202,
            description = "A mail tells the rest: where the server is set to reveal nothing.",
            body = MessageBody,
        ),
        (
            status = 403,
            description = "The role may not be self-assigned; the application refuses; or a captcha is to be solved.",
        ),
        (status = 409, description = "The e-mail address or the username is taken."),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn register(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    RegistrationBody(registration): RegistrationBody,
) -> Result<Response, Problem> {
    let outcome = engine.register(&origin.anonymous(), registration).await?;
    Ok(match outcome {
        RegistrationOutcome::Registered(user) => {
            (StatusCode::CREATED, Unstored(UserBody::from(&*user))).into_response()
        }
        RegistrationOutcome::ToldByMail => {
            let body = MessageBody::done("Check your email to finish the registration");
            (StatusCode::ACCEPTED, body).into_response()
        }
    })
}
