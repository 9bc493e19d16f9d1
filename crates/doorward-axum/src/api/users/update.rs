//! `PATCH /users/{id}`

use axum::extract::State;
use doorward::{Doorward, Password, Reauthentication, UpdateUserError, UserChange, UserId};
use utoipa::ToSchema;

use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::{Fields, Patch, PathParam};
use crate::problem::Problem;
use crate::wire::{
    AccountBody, AccountRules, FromAccountFields, RoleNameText, Unstored, UserBody, read_roles,
};

/// What to change; what is left out stays as it is.
#[derive(Debug, ToSchema)]
#[schema(as = UserUpdate)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Update` is what is read"
)]
pub(crate) struct UpdateBody {
    /// The e-mail address; a new one is not verified. Of the own account, it takes the
    /// current password or a login within the last five minutes.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// The name to log in with.
    #[schema(min_length = 3, max_length = 50, pattern = "^[A-Za-z0-9_.-]+$")]
    username: Option<String>,
    /// What the person is called.
    #[schema(min_length = 1, max_length = 200, example = "Anna Kowalska")]
    full_name: Option<String>,
    /// The one role that the account is to have. For admins.
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    role: Option<String>,
    /// All roles that the account is to have. For admins.
    roles: Option<Vec<RoleNameText>>,
    /// Whether the account may be used; all sessions end where not. For admins.
    is_active: Option<bool>,
    /// Whether the e-mail address counts as verified. For admins.
    is_verified: Option<bool>,
    /// The password that the account is to have; all sessions end. For admins.
    #[schema(format = Password, min_length = 1, max_length = 1024)]
    password: Option<String>,
    /// The caller's own password, where one is needed.
    #[schema(format = Password, min_length = 1, max_length = 1024)]
    current_password: Option<String>,
}

/// A change, and the password that may have to prove it.
#[derive(Debug)]
pub(crate) struct Update {
    change: UserChange,
    proof: Reauthentication,
}

impl FromAccountFields for Update {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let email = fields.present("email").map(erasable);
        let username = fields.present("username").map(erasable);
        let full_name = fields.present("full_name").map(erasable);
        let roles = read_roles(fields);
        let is_active = fields.optional("is_active");
        let is_verified = fields.optional("is_verified");
        let password = rules.optional_password(fields, "password");
        let current_password = fields.optional::<Password>("current_password");
        let change = UserChange {
            email: email?,
            username: username?,
            full_name: full_name?,
            roles: roles?,
            is_active: is_active?,
            is_verified: is_verified?,
            password: password?,
        };
        Some(Self {
            change,
            proof: Reauthentication {
                password: current_password?,
            },
        })
    }
}

fn erasable<T>(field: Patch<T>) -> Option<Option<T>> {
    match field {
        Patch::Absent => None,
        Patch::Null => Some(None),
        Patch::Value(value) => Some(Some(value)),
    }
}

/// Change an account: the own plain fields, or, for admins, anything of anybody.
#[utoipa::path(
    patch,
    path = "/{id}",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    request_body(content = UpdateBody, example = json!({"role": "moderator", "is_active": true})),
    responses(
        (status = 200, description = "The account as it is now.", body = UserBody),
        (status = 400, description = "Current password is incorrect."),
        (status = 403, description = "Insufficient privileges, or the current password is needed."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "A name is taken, or it is the last active admin."),
        (status = 429, description = "Too many current passwords were incorrect, or too many new addresses were asked for."),
    ),
)]
pub(crate) async fn update_user(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
    PathParam(id): PathParam<UserId>,
    AccountBody(update): AccountBody<Update>,
) -> Result<Unstored<UserBody>, Problem> {
    let answer = change(&engine, &user, origin, id, update).await;
    answer.map_err(|error| refusal(&user, error))
}

/// Converts the error of a change, for both endpoints that change an account.
pub(super) fn refusal(user: &CurrentUser, error: UpdateUserError) -> Problem {
    match error {
        UpdateUserError::Denied => user.denial(),
        error => error.into(),
    }
}

/// Applies a change, for both endpoints that change an account.
pub(super) async fn change(
    engine: &Doorward,
    user: &CurrentUser,
    origin: RequestOrigin,
    id: UserId,
    update: Update,
) -> Result<Unstored<UserBody>, UpdateUserError> {
    let caller = user.caller(origin);
    let changed = engine
        .update_user(&caller, id, update.change, &update.proof)
        .await?;
    Ok(Unstored(UserBody::from(&changed)))
}
