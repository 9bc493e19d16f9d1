//! What somebody sends who makes an account for somebody else.

use axum::extract::{FromRef, FromRequest, Request};
use doorward::{Doorward, NewUser, RoleName};
use utoipa::ToSchema;

use super::{AccountBody, AccountRules, FromAccountFields, RoleNameText, read_roles};
use crate::fields::Fields;
use crate::problem::Problem;

/// What somebody sends who makes an account for somebody else, as `POST /users` reads it.
///
/// As a [`RegistrationBody`](crate::RegistrationBody), with `role` or `roles`, `is_active` and
/// `is_verified` where they are not the defaults; whether the caller may grant the roles,
/// [`Doorward::create_user`] says.
///
/// In an OpenAPI document it is the schema `UserCreate`.
///
/// ```
/// use axum::extract::State;
/// use axum::{Json, Router, routing::post};
/// use doorward::{Doorward, UsersWrite};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{NewUserBody, RequirePermission, UserBody};
///
/// async fn hire(
///     State(auth): State<Doorward>,
///     RequirePermission(by): RequirePermission<UsersWrite>,
///     NewUserBody(new): NewUserBody,
/// ) -> Result<Json<UserBody>, Problem> {
///     let user = auth.create_user(&by, new).await?;
///     Ok(Json(UserBody::from(&user)))
/// }
///
/// let app: Router<Doorward> = Router::new().route("/staff", post(hire));
/// ```
#[derive(Clone, Debug)]
pub struct NewUserBody(pub NewUser);

impl<S> FromRequest<S> for NewUserBody
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let AccountBody(new) = AccountBody::from_request(request, state).await?;
        Ok(Self(new))
    }
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

documented_as!(NewUserBody, Shape);

/// An account to make.
#[derive(ToSchema)]
#[schema(as = UserCreate)]
#[expect(
    dead_code,
    reason = "the shape for the document; `NewUser` is what is read"
)]
struct Shape {
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
