//! `/roles`: what roles there are, and what they permit.

mod create;
mod delete;
mod list;
mod update;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

pub(super) fn endpoints<S>() -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    vec![
        routes!(list::list_roles, create::create_role),
        routes!(update::update_role, delete::delete_role),
    ]
}
