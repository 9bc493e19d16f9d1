//! Accounts of which more is known than that they exist.

use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use doorward::Doorward;
use http::request::Parts;

use super::CurrentUser;
use crate::problem::Problem;

/// The account that the request's access token speaks for, whose e-mail address was verified.
///
/// Refuses as [`CurrentUser`] does; then with 403 `email_not_verified`, whether or not the
/// engine [requires it](doorward::Builder::require_verified_email). An account without an
/// address has none that was verified.
///
/// ```
/// use doorward_axum::RequireVerified;
///
/// async fn invite(RequireVerified(user): RequireVerified) -> String {
///     format!("{} invites", user.id)
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/invitations", axum::routing::post(invite));
/// ```
#[derive(Clone, Debug)]
pub struct RequireVerified(pub CurrentUser);

impl<S> FromRequestParts<S> for RequireVerified
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = CurrentUser::of(&Doorward::from_ref(state), parts).await?;
        if user.is_verified() {
            Ok(Self(user))
        } else {
            Err(Problem::email_not_verified())
        }
    }
}

/// The account that the request's access token speaks for, whose owner logged in with the
/// password no longer than `SECONDS` ago; default: five minutes.
///
/// For what can't be undone: whoever finds a browser open, or a token, is not the owner. A
/// refresh is no login. Refuses as [`CurrentUser`] does; then with 403
/// `reauthentication_required`, and a challenge that tells how recent the login must be
/// (RFC 9470 §3): `Bearer error="insufficient_user_authentication", max_age="300"`.
///
/// ```
/// use doorward_axum::RequireRecentLogin;
///
/// async fn close_shop(RequireRecentLogin(user): RequireRecentLogin) -> String {
///     format!("{} closes the shop", user.id)
/// }
///
/// async fn pay_out(_: RequireRecentLogin<60>) -> &'static str {
///     "Paid"
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/shop", axum::routing::delete(close_shop).post(pay_out));
/// ```
#[derive(Clone, Debug)]
pub struct RequireRecentLogin<const SECONDS: u64 = 300>(pub CurrentUser);

impl<const SECONDS: u64, S> FromRequestParts<S> for RequireRecentLogin<SECONDS>
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let engine = Doorward::from_ref(state);
        let user = CurrentUser::of(&engine, parts).await?;
        if engine.has_recent_login(&user.0, Duration::from_secs(SECONDS)) {
            Ok(Self(user))
        } else {
            Err(Problem::recent_login_required(SECONDS))
        }
    }
}
