//! `/roles`: what roles there are, and what they permit.

mod body;
mod create;
mod delete;
mod list;
mod update;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::part::Part;

/// The endpoints of this part.
pub(super) fn endpoints<S>(part: Part) -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    match part {
        Part::Roles => vec![
            routes!(list::list_roles, create::create_role),
            routes!(update::update_role, delete::delete_role),
        ],
        _ => vec![],
    }
}
