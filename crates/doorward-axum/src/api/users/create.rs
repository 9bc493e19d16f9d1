//! `POST /users`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, NewUser, RoleName, UsersWrite};
use http::StatusCode;
use utoipa::ToSchema;

use super::update::read_roles;
use crate::extract::RequirePermission;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::wire::{AccountBody, AccountRules, FromAccountFields, RoleNameText, UserBody};

/// An account to make.
#[derive(Debug, ToSchema)]
#[schema(as = UserCreate)]
#[expect(
    dead_code,
    reason = "the shape for the document; `NewUser` is what is read"
)]
pub(crate) struct CreateBody {
    /// The e-mail address.
    #[schema(format = Email, max_length = 254, example = "boris@example.com")]
    email: Option<String>,
    /// The name to log in with: letters, digits, `_`, `.` and `-`.
    #[schema(
        min_length = 3,
        max_length = 50,
        pattern = "^[A-Za-z0-9_.-]+$",
        example = "boris"
    )]
    username: Option<String>,
    /// The password, of 8 characters or more, up to 1024 bytes; none of the commonest.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What the person is called.
    #[schema(min_length = 1, max_length = 200)]
    full_name: Option<String>,
    /// The one role that the account is to have; or send `roles`.
    #[schema(default = "user", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    role: Option<String>,
    /// All roles that the account is to have.
    roles: Option<Vec<RoleNameText>>,
    /// Whether the account may be used.
    #[schema(default = true)]
    is_active: Option<bool>,
    /// Whether the e-mail address counts as verified.
    #[schema(default = false)]
    is_verified: Option<bool>,
}

impl FromAccountFields for NewUser {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let names = rules.names(fields);
        let password = rules.required_password(fields, "password");
        let full_name = fields.optional("full_name");
        let roles = read_roles(fields);
        let is_active = fields.optional("is_active");
        let is_verified = fields.optional("is_verified");
        let (email, username) = names?;
        let mut new = Self::new(password?)
            .roles(roles?.unwrap_or_else(|| vec![RoleName::USER]))
            .active(is_active?.unwrap_or(true))
            .verified(is_verified?.unwrap_or(false));
        (new.email, new.username, new.full_name) = (email, username, full_name?);
        Some(new)
    }
}

/// Make an account for somebody.
#[utoipa::path(
    post,
    path = "",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(
        content = CreateBody,
        example = json!({
            "email": "boris@example.com",
            "password": "correct horse battery staple",
            "roles": ["moderator", "user"],
            "is_verified": true,
        }),
    ),
    responses(
        (status = 201, description = "The account.", body = UserBody),
        (status = 403, description = "Insufficient privileges."),
        (status = 409, description = "The e-mail address or the username is taken."),
    ),
)]
pub(crate) async fn create_user(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersWrite>,
    AccountBody(new): AccountBody<NewUser>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let user = engine.create_user(&by, new).await?;
    Ok((StatusCode::CREATED, Json(UserBody::from(&user))))
}
