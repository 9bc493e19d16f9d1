//! `/auth`: registration, login, tokens and sessions.

mod captcha;
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
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

pub(crate) use sessions::list::SessionBody;

pub(super) fn endpoints<S>() -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    vec![
        routes!(register::register),
        routes!(captcha::captcha),
        routes!(login::login),
        routes!(login_form::login_form),
        routes!(refresh::refresh),
        routes!(logout::logout),
        routes!(me::me),
        routes!(password_change::change_password),
        routes!(
            sessions::list::list_sessions,
            sessions::end_all::end_all_sessions
        ),
        routes!(sessions::end::end_session),
    ]
}
