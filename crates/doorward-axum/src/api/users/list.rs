//! `GET /users`

use axum::extract::{OriginalUri, State};
use axum::response::Response;
use doorward::{Doorward, UserFilter, UsersRead};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::extract::RequirePermission;
use crate::fields::{FieldFault, Fields, FromFields, Query};
use crate::problem::Problem;
use crate::wire::{PageQuery, UserBody, page_answer};

/// The longest text to search for, in characters.
const LONGEST_SEARCH: usize = 100;

/// Which accounts, and which part of the list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the shape for the document; `UsersQuery` is what is read"
)]
pub(crate) struct ListParams {
    /// How many accounts to pass over.
    #[param(minimum = 0, maximum = 2147483647, default = 0)]
    skip: Option<u32>,
    /// How many accounts at the most.
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<u32>,
    /// Only those with this role.
    #[param(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    role: Option<String>,
    /// Only those that may be used, or only those that are deactivated.
    is_active: Option<bool>,
    /// Only those with this text in the e-mail address, the username or the full name.
    #[param(max_length = 100)]
    search: Option<String>,
    /// Where to begin, from the `Link` of the page before.
    cursor: Option<Uuid>,
    /// Whether to count all accounts, in `X-Total-Count`.
    #[param(default = false)]
    count: Option<bool>,
}

/// What was asked for.
#[derive(Debug)]
pub(crate) struct UsersQuery {
    filter: UserFilter,
    page: PageQuery,
}

impl FromFields for UsersQuery {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let role = fields.optional("role");
        let is_active = fields.optional("is_active");
        let search = read_search(fields);
        let page = PageQuery::read(fields);
        let filter = UserFilter {
            role: role?,
            is_active: is_active?,
            search: search?,
        };
        Some(Self {
            filter,
            page: page?,
        })
    }
}

fn read_search(fields: &mut Fields) -> Option<Option<String>> {
    match fields.optional::<String>("search")? {
        Some(text) if text.chars().count() > LONGEST_SEARCH => {
            fields.refuse("search", FieldFault::string_too_long(LONGEST_SEARCH))
        }
        text => Some(text.filter(|text| !text.is_empty())),
    }
}

/// List the accounts, in the order in which they were made.
#[utoipa::path(
    get,
    path = "",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(ListParams),
    responses(
        (
            status = 200,
            description = "One page of accounts.",
            body = [UserBody],
            headers(
                ("Link" = String, description = "The next page, if there is one (`rel=\"next\"`)."),
                ("X-Total-Count" = u64, description = "How many there are, with `count=true`."),
            ),
        ),
        (status = 403, description = "Insufficient privileges."),
    ),
)]
pub(crate) async fn list_users(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersRead>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<UsersQuery>,
) -> Result<Response, Problem> {
    let page = engine.list_users(&by, query.filter, query.page.0).await?;
    Ok(page_answer::<_, UserBody>(&page, &uri))
}
