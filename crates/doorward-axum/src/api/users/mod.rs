//! `/users`: accounts, the own one and those of others.

mod count;
mod create;
mod delete;
mod delete_me;
mod export_me;
mod list;
mod me;
mod put_roles;
mod show;
mod unlock;
mod update;
mod update_me;

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
        Part::Profile => vec![
            routes!(me::me, update_me::update_me, delete_me::delete_me),
            routes!(export_me::export_me),
        ],
        Part::Users => vec![
            routes!(list::list_users, create::create_user),
            routes!(count::count_users),
            routes!(show::show_user, update::update_user, delete::delete_user),
            routes!(unlock::unlock_user),
        ],
        Part::Roles => vec![routes!(put_roles::put_roles)],
        _ => vec![],
    }
}
