//! `/roles`: what roles there are, and what they permit.

mod create;
mod delete;
mod list;
mod update;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list::list_roles, create::create_role))
        .routes(routes!(update::update_role, delete::delete_role))
}
