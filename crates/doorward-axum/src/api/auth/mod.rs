//! `/auth`: registration, login, tokens and sessions.

mod login;
mod login_form;
mod logout;
mod me;
mod password_change;
mod refresh;
mod register;
mod sessions;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use sessions::list::SessionBody;

pub(super) fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(login_form::login_form))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(me::me))
        .routes(routes!(password_change::change_password))
        .routes(routes!(
            sessions::list::list_sessions,
            sessions::end_all::end_all_sessions
        ))
        .routes(routes!(sessions::end::end_session))
}
