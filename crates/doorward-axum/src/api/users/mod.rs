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
mod update;
mod update_me;

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
        .routes(routes!(list::list_users, create::create_user))
        .routes(routes!(me::me, update_me::update_me, delete_me::delete_me))
        .routes(routes!(export_me::export_me))
        .routes(routes!(count::count_users))
        .routes(routes!(
            show::show_user,
            update::update_user,
            delete::delete_user
        ))
        .routes(routes!(put_roles::put_roles))
}
