//! A caller who has a permission.

use axum::extract::{FromRef, FromRequestParts};
use doorward::{Doorward, PermissionMarker, Permitted};
use http::request::Parts;

use super::{CurrentUser, RequestOrigin};
use crate::problem::Problem;

/// A caller whose present roles permit `P`, as the proof that the engine asks for.
///
/// Refuses with 401 where there is no good access token, with 403 where the roles do not
/// permit it.
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
/// ```
#[derive(Clone, Debug)]
pub struct RequirePermission<P>(pub Permitted<P>);

impl<P, S> FromRequestParts<S> for RequirePermission<P>
where
    P: PermissionMarker,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        let caller = user.caller(RequestOrigin::of(parts));
        if caller.is_restricted() {
            return Err(Problem::email_not_verified());
        }
        caller.permit().map(Self).map_err(Problem::from)
    }
}
