//! `POST /auth/register`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use doorward::{Doorward, Registration, RegistrationOutcome};
use http::StatusCode;
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::wire::{
    AccountBody, AccountRules, CaptchaToken, FromAccountFields, MessageBody, UserBody,
};

/// What somebody who registers sends.
#[derive(Debug, ToSchema)]
#[schema(as = Registration)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Registration` is what is read"
)]
pub(crate) struct RegisterBody {
    /// The e-mail address.
    #[schema(format = Email, max_length = 254, example = "anna@example.com")]
    email: Option<String>,
    /// The name to log in with: letters, digits, `_`, `.` and `-`.
    #[schema(
        min_length = 3,
        max_length = 50,
        pattern = "^[A-Za-z0-9_.-]+$",
        example = "anna"
    )]
    username: Option<String>,
    /// The password, of 8 characters or more, up to 1024 bytes; none of the commonest.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What the person is called.
    #[schema(min_length = 1, max_length = 200, example = "Anna Kowalska")]
    full_name: Option<String>,
    /// The role that is asked for; one of those that may be self-assigned.
    #[schema(default = "user", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    role: Option<String>,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(max_length = 4096)]
    captcha_token: Option<String>,
}

impl FromAccountFields for Registration {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let names = rules.names(fields);
        let password = rules.required_password(fields, "password");
        let full_name = fields.optional("full_name");
        let role = fields.optional("role");
        let captcha_token = fields.optional::<CaptchaToken>("captcha_token");
        let (email, username) = names?;
        let mut registration =
            Self::new(password?).captcha_token(captcha_token?.map(|token| token.0));
        (registration.email, registration.username) = (email, username);
        (registration.full_name, registration.role) = (full_name?, role?);
        Some(registration)
    }
}

/// Register an account.
#[utoipa::path(
    post,
    path = "/register",
    tag = "Authentication",
    request_body(
        content = RegisterBody,
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
            description = "The role may not be self-assigned; or a captcha is to be solved.",
        ),
        (status = 409, description = "The e-mail address or the username is taken."),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn register(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    AccountBody(registration): AccountBody<Registration>,
) -> Result<Response, Problem> {
    let outcome = engine.register(&origin.anonymous(), registration).await?;
    Ok(match outcome {
        RegistrationOutcome::Registered(user) => {
            (StatusCode::CREATED, Json(UserBody::from(&*user))).into_response()
        }
        RegistrationOutcome::ToldByMail => {
            let body = MessageBody::done("Check your email to finish the registration");
            (StatusCode::ACCEPTED, body).into_response()
        }
    })
}
