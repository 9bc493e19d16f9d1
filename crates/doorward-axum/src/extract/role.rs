//! Accounts that have a role.

use axum::extract::{FromRef, FromRequestParts};
use doorward::{AppRole, Doorward, RoleMarker};
use http::request::Parts;

use super::CurrentUser;
use crate::problem::Problem;

/// The account that the request's access token speaks for, which has the role `R` at this
/// moment.
///
/// Refuses as [`CurrentUser`] does; then with 403 where the account has not the role:
/// `email_not_verified` where it has yet to verify its address and
/// [must](doorward::Builder::require_verified_email), `insufficient_privileges` else. A role is
/// had or not, rank plays no part: an admin is let in by `RequireRole<Billing>` only where
/// they have that role too. What several roles may do is rather a
/// [permission](crate::RequirePermission).
///
/// ```
/// use doorward::{Admin, RoleMarker, RoleName};
/// use doorward_axum::RequireRole;
///
/// async fn reports(RequireRole(user, Admin): RequireRole<Admin>) -> String {
///     format!("Reports for {}", user.id)
/// }
///
/// /// A role of the application's own.
/// #[derive(Default)]
/// struct Billing;
///
/// impl RoleMarker for Billing {
///     const ROLE: RoleName = RoleName::new("billing");
/// }
///
/// async fn invoices(_: RequireRole<Billing>) -> &'static str {
///     "Invoices"
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/reports", axum::routing::get(reports))
/// #     .route("/invoices", axum::routing::get(invoices));
/// ```
///
/// A role that there is not does not compile, nor does what is none:
///
/// ```compile_fail,E0412
/// use doorward_axum::RequireRole;
///
/// async fn reports(_: RequireRole<Amdin>) {}
/// ```
///
/// ```compile_fail,E0277
/// # use doorward_axum::RequireRole;
/// async fn reports(_: RequireRole<doorward::UsersRead>) {}
/// ```
///
/// For a role whose name is known only at run time there is
/// [`guard::require_role`](crate::guard::require_role).
#[derive(Clone, Debug)]
pub struct RequireRole<R: RoleMarker>(pub CurrentUser, pub R);

impl<R, S> FromRequestParts<S> for RequireRole<R>
where
    R: RoleMarker,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = CurrentUser::of(&Doorward::from_ref(state), parts).await?;
        if user.has_role(&R::ROLE) {
            Ok(Self(user, R::default()))
        } else {
            Err(user.denial())
        }
    }
}

/// The account that the request's access token speaks for, and the highest-ranking of the
/// application's own roles that it has at this moment.
///
/// Refuses as [`CurrentUser`] does; then with 403, as [`RequireRole`] does, where the account
/// has none of them.
///
/// ```
/// use doorward::{AppRole, RoleName};
/// use doorward_axum::RequireAnyRole;
///
/// #[derive(Clone, Copy)]
/// enum Staff {
///     Manager,
///     Clerk,
/// }
///
/// impl AppRole for Staff {
///     const ALL: &'static [Self] = &[Self::Manager, Self::Clerk];
///
///     fn name(self) -> RoleName {
///         match self {
///             Self::Manager => RoleName::new("manager"),
///             Self::Clerk => RoleName::new("clerk"),
///         }
///     }
/// }
///
/// async fn till(RequireAnyRole(user, role): RequireAnyRole<Staff>) -> String {
///     let limit = match role {
///         Staff::Manager => 10_000,
///         Staff::Clerk => 500,
///     };
///     format!("{} takes up to {limit}", user.id)
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/till", axum::routing::get(till));
/// ```
#[derive(Clone, Debug)]
pub struct RequireAnyRole<R: AppRole>(pub CurrentUser, pub R);

impl<R, S> FromRequestParts<S> for RequireAnyRole<R>
where
    R: AppRole,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = CurrentUser::of(&Doorward::from_ref(state), parts).await?;
        match user.role_of() {
            Some(role) => Ok(Self(user, role)),
            None => Err(user.denial()),
        }
    }
}
