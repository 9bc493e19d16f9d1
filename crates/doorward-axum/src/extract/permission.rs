//! A caller who has a permission.

use axum::extract::{FromRef, FromRequestParts};
use doorward::{Doorward, PermissionMarker, Permitted};
use http::request::Parts;

use super::{CurrentUser, RequestOrigin};
use crate::problem::Problem;

/// A caller whose present roles permit `P`, as the proof that the engine asks for.
///
/// Refuses as [`CurrentUser`] does; then with 403 where the roles do not permit it:
/// `email_not_verified` where the account has yet to verify its address and
/// [must](doorward::Builder::require_verified_email), `insufficient_privileges` else. Admins
/// are permitted everything, also what only the application knows of.
///
/// ```
/// use axum::extract::State;
/// use doorward::{Doorward, UsersCount};
/// use doorward_axum::RequirePermission;
///
/// async fn how_many(
///     State(auth): State<Doorward>,
///     RequirePermission(permitted): RequirePermission<UsersCount>,
/// ) -> String {
///     match auth.count_users(&permitted).await {
///         Ok(statistics) => statistics.total.to_string(),
///         Err(_) => "many".to_owned(),
///     }
/// }
/// # let _: axum::Router<Doorward> = axum::Router::new()
/// #     .route("/count", axum::routing::get(how_many));
/// ```
///
/// A permission that there is not does not compile, nor does what is none:
///
/// ```compile_fail,E0412
/// use doorward_axum::RequirePermission;
///
/// async fn how_many(_: RequirePermission<UsersConut>) {}
/// ```
///
/// ```compile_fail,E0277
/// # use doorward_axum::RequirePermission;
/// async fn how_many(_: RequirePermission<doorward::Admin>) {}
/// ```
///
/// For a permission that is known only at run time there is
/// [`guard::require_permission`](crate::guard::require_permission).
#[derive(Clone, Debug)]
pub struct RequirePermission<P: PermissionMarker>(pub Permitted<P>);

impl<P, S> FromRequestParts<S> for RequirePermission<P>
where
    P: PermissionMarker,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = CurrentUser::of(&Doorward::from_ref(state), parts).await?;
        let caller = user.caller(RequestOrigin::of(parts));
        caller.permit().map(Self).map_err(|_| user.denial())
    }
}
