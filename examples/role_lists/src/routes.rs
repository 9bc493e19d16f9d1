//! The routes, and the document that describes them.

use axum::extract::State;
use axum::{Json, Router};
use doorward::{
    Admin, Doorward, LARGEST_PAGE, LoginOutcome, PageRequest, RoleName, UserFilter, UsersRead,
    UsersWrite,
};
use doorward_axum::docs_ui::docs_router;
use doorward_axum::fault::Fault;
use doorward_axum::fields::Query;
use doorward_axum::openapi::{self, MergeError};
use doorward_axum::problem::Problem;
use doorward_axum::{AccessTokenBody, LoginFormBody, NewUserBody, guard};
use doorward_axum::{CurrentUser, RequirePermission, RequireRole};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::active::{Active, told_here};
use crate::body::{Account, Created, Hash, Item, ToHash};

const TITLE: &str = "Backend Security Demo";

#[derive(utoipa::OpenApi)]
#[openapi(info(title = TITLE, description = "OAuth2 Password Flow Demo"))]
struct Document;

/// All routes; `/generate-hash` is for admins, unless it is open to everybody.
pub(crate) fn build(auth: Doorward, open_generate_hash: bool) -> Result<Router, MergeError> {
    let mut hashes = OpenApiRouter::new().routes(routes!(generate_hash));
    if !open_generate_hash {
        hashes = hashes.route_layer(guard::require_role(&auth, RoleName::ADMIN));
    }
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(hashes)
        .routes(routes!(token))
        .routes(routes!(me))
        .routes(routes!(items))
        .routes(routes!(list_users))
        .routes(routes!(create_user))
        .split_for_parts();
    openapi::merge(&mut document, openapi::components("/token"))?;
    let pages = docs_router(document.to_json()?.into(), TITLE);
    Ok(router.merge(pages).with_state(auth))
}

/// Log in.
#[utoipa::path(
    post,
    path = "/token",
    request_body(content = LoginFormBody, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = AccessTokenBody), Problem),
)]
async fn token(
    State(auth): State<Doorward>,
    LoginFormBody(attempt): LoginFormBody,
) -> Result<AccessTokenBody, Problem> {
    let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await.map_err(told_here)?;
    Ok(AccessTokenBody::from(&tokens))
}

/// Show the own account.
#[utoipa::path(
    get,
    path = "/users/me",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Account), Problem),
)]
async fn me(Active(user): Active<CurrentUser>) -> Json<Account> {
    Json(Account::from(&*user))
}

/// List the own things.
#[utoipa::path(
    get,
    path = "/users/items",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = [Item]), Problem),
)]
async fn items(Active(user): Active<CurrentUser>) -> Json<[Item; 1]> {
    let owner = user.email.as_ref().map(ToString::to_string);
    let item_id = "Foo";
    Json([Item { item_id, owner }])
}

/// List all accounts.
#[utoipa::path(
    get,
    path = "/admin/users",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = [Account]), Problem),
)]
async fn list_users(
    State(auth): State<Doorward>,
    _: Active<RequireRole<Admin>>,
    RequirePermission(by): RequirePermission<UsersRead>,
) -> Result<Json<Vec<Account>>, Problem> {
    let mut accounts = Vec::new();
    let mut page = PageRequest::new(0, LARGEST_PAGE);
    loop {
        let found = auth.list_users(&by, UserFilter::default(), page).await?;
        accounts.extend(found.items.iter().map(Account::from));
        match found.next {
            Some(next) => page = page.after(Some(next)),
            None => return Ok(Json(accounts)),
        }
    }
}

/// Make an account for somebody.
#[utoipa::path(
    post,
    path = "/admin/create_user",
    security(("OAuth2PasswordBearer" = [])),
    request_body = NewUserBody,
    responses((status = 200, body = Created), Problem),
)]
async fn create_user(
    State(auth): State<Doorward>,
    _: Active<RequireRole<Admin>>,
    RequirePermission(by): RequirePermission<UsersWrite>,
    NewUserBody(new): NewUserBody,
) -> Result<Json<Created>, Problem> {
    if new.full_name.is_none() {
        let missing = Fault::missing(["body", "full_name"]);
        return Err(Problem::validation(vec![missing]));
    }
    let user = auth.create_user(&by, new).await?;
    Ok(Json(Created {
        message: "User created successfully",
        user: Account::from(&user),
    }))
}

/// Hash a password.
#[utoipa::path(
    post,
    path = "/generate-hash",
    params(("password" = String, Query)),
    security((), ("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Hash), Problem),
)]
async fn generate_hash(
    State(auth): State<Doorward>,
    Query(ToHash(password)): Query<ToHash>,
) -> Result<Json<Hash>, Problem> {
    let hash = auth.hash_password(password).await?;
    Ok(Json(Hash {
        hash: hash.as_str().to_owned(),
    }))
}
