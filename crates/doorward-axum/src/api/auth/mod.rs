//! `/auth`: registration, login, tokens and sessions.

mod captcha;
mod email_verification_confirm;
mod email_verification_request;
mod login;
mod login_form;
mod logout;
mod me;
mod password_change;
mod password_check;
mod password_reset_confirm;
mod password_reset_request;
mod refresh;
mod register;
mod sessions;

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
        Part::Registration => vec![routes!(register::register)],
        Part::Login => vec![
            routes!(captcha::captcha),
            routes!(login::login),
            routes!(login_form::login_form),
            routes!(refresh::refresh),
            routes!(logout::logout),
            routes!(sessions::list_sessions, sessions::end_all_sessions),
            routes!(sessions::end_session),
        ],
        Part::Passwords => vec![
            routes!(password_change::change_password),
            routes!(password_check::check_password),
            routes!(password_reset_request::request_password_reset),
            routes!(password_reset_confirm::confirm_password_reset),
        ],
        Part::EmailVerification => vec![
            routes!(email_verification_request::request_email_verification),
            routes!(email_verification_confirm::confirm_email_verification),
        ],
        Part::Profile => vec![routes!(me::me)],
        _ => vec![],
    }
}
