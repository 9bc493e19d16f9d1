//! What somebody who registers sends.

use axum::extract::{FromRef, FromRequest, Request};
use doorward::{Doorward, Registration};
use utoipa::ToSchema;

use super::{AccountBody, AccountRules, CaptchaToken, FromAccountFields};
use crate::fields::Fields;
use crate::problem::Problem;

/// What somebody who registers sends, as `POST /auth/register` reads it.
///
/// A JSON object: `password`; `email`, `username` or both, as
/// [`Builder::required_identity`](doorward::Builder::required_identity) asks;
/// `full_name`, `role` and `captcha_token` where there are any. It is held against the engine's
/// rules, the password's among them, and refused with every fault at once (422); with 415, 413,
/// 408 and 400 as a [`JsonBody`](crate::fields::JsonBody) is. What only the database knows,
/// such as a taken address, [`Doorward::register`] says.
///
/// In an OpenAPI document it is the schema `Registration`.
///
/// ```
/// use axum::extract::State;
/// use axum::response::{IntoResponse as _, Response};
/// use axum::{Json, Router, routing::post};
/// use doorward::{Doorward, RegistrationOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{RegistrationBody, RequestOrigin, UserBody};
/// use http::StatusCode;
///
/// /// Register, in the shop's own way.
/// #[utoipa::path(
///     post,
///     path = "/join",
///     request_body = RegistrationBody,
///     responses((status = 201, body = UserBody), (status = 202)),
/// )]
/// async fn join(
///     State(auth): State<Doorward>,
///     origin: RequestOrigin,
///     RegistrationBody(registration): RegistrationBody,
/// ) -> Result<Response, Problem> {
///     match auth.register(&origin.anonymous(), registration).await? {
///         RegistrationOutcome::Registered(user) => {
///             Ok((StatusCode::CREATED, Json(UserBody::from(&*user))).into_response())
///         }
///         RegistrationOutcome::ToldByMail => Ok(StatusCode::ACCEPTED.into_response()),
///     }
/// }
///
/// let app: Router<Doorward> = Router::new().route("/join", post(join));
/// ```
#[derive(Clone, Debug)]
pub struct RegistrationBody(pub Registration);

impl<S> FromRequest<S> for RegistrationBody
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let AccountBody(registration) = AccountBody::from_request(request, state).await?;
        Ok(Self(registration))
    }
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

documented_as!(RegistrationBody, Shape);

/// What somebody who registers sends.
#[derive(ToSchema)]
#[schema(as = Registration)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Registration` is what is read"
)]
struct Shape {
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
