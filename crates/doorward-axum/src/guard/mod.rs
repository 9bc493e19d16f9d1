//! Layers that let in only who may pass, for roles and permissions whose names are known at
//! run time, and for many routes at once.
//!
//! A [`Guard`] rejects requests exactly as the extractors do, before it reads any of the body. The
//! account that it accepts is a [`CurrentUser`] among the request's extensions. Handlers take it
//! with axum's `Extension`, also in routers without a state.
//!
//! ```
//! use axum::{Extension, Router, routing::get};
//! use doorward::Doorward;
//! use doorward_axum::{CurrentUser, guard};
//!
//! # async fn example(auth: Doorward) -> Result<(), Box<dyn std::error::Error>> {
//! let role = "billing";
//! let app: Router = Router::new()
//!     .route("/invoices", get(list_invoices))
//!     .route("/payments", get(async || "Payments"))
//!     .layer(guard::require_role(&auth, role.parse()?))
//!     .route("/prices", get(async || "For everybody, because added after the layer"));
//!
//! async fn list_invoices(Extension(user): Extension<CurrentUser>) -> String {
//!     format!("Invoices for {}", user.id)
//! }
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # What it stands before
//!
//! As of every layer of axum:
//!
//! - [`Router::layer`](axum::Router::layer) puts it before all that the router has **so far**:
//!   its routes, their 405s, and its fallback, be it its own or the 404 of axum. So a stranger
//!   hears 401 at paths that do not exist, too, and can't find out which do. Where such a
//!   router is merged into another, or another into it, the fallback is that of the merged
//!   one, and with it the guard before it: `public.merge(guarded)` answers strangers with 401
//!   at *every* unknown path.
//! - [`Router::route_layer`](axum::Router::route_layer) puts it before the routes that there
//!   are so far and their 405s, and leaves the fallback alone: unknown paths are 404 for
//!   everybody. This is the one for routers to be merged.
//! - A guarded router that is nested keeps its guard before its routes; unknown paths below
//!   the prefix are the outer router's affair, unless the nested one has a fallback of its own.
//! - [`MethodRouter::layer`](axum::routing::MethodRouter::layer) puts it before the methods
//!   that there are so far, and before the 405 for all others.
//!   [`route_layer`](axum::routing::MethodRouter::route_layer) leaves the 405 alone.
//!
//! Several guards are a request's to pass one after the other, the outermost, which is the last
//! one added, first.
//!
//! # Every method alike
//!
//! No method passes unasked, `HEAD` and `OPTIONS` included. Browsers send no token with the
//! `OPTIONS` request by which they ask leave for another (a CORS preflight), so what answers
//! those must stand outside of the guard: [`Edge`](crate::edge::Edge) does, around the whole
//! app; another CORS layer is added after the guard. The same goes for
//! [`CookieSessions::layer`](crate::CookieSessions::layer), without which no cookie counts.
//!
//! # Extractors behind it
//!
//! The extractors of this crate trust no guard, which may be of another engine: they look at
//! the request themselves, at the cost of a microsecond.

mod service;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use doorward::{Doorward, Permission, RoleName};
use http::request::Parts;
use tower_layer::Layer;

use crate::extract::CurrentUser;
use crate::problem::Problem;
pub use service::{GuardFuture, GuardService};

/// A layer that lets in only who may pass; see the [module](self).
///
/// Cheap to clone.
#[derive(Clone, Debug)]
#[must_use = "a guard that stands before nothing lets everybody in"]
pub struct Guard {
    watch: Arc<Watch>,
}

impl Guard {
    fn new(engine: &Doorward, demand: Demand) -> Self {
        let engine = engine.clone();
        Self {
            watch: Arc::new(Watch { engine, demand }),
        }
    }
}

impl<S> Layer<S> for Guard {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService::new(inner, Arc::clone(&self.watch))
    }
}

/// What a guard checks, and with which engine.
#[derive(Debug)]
struct Watch {
    engine: Doorward,
    demand: Demand,
}

impl Watch {
    /// Returns the request with its user among the extensions, if the user may pass.
    async fn admit(&self, mut request: Parts) -> Result<Parts, Problem> {
        let user = CurrentUser::of(&self.engine, &request).await?;
        self.demand.check(&user)?;
        request.extensions.insert(user);
        Ok(request)
    }
}

/// What a guard requires of an account.
#[derive(Debug)]
enum Demand {
    Account,
    AnyRole(Vec<RoleName>),
    Permission(Permission),
    Verified,
}

impl Demand {
    fn check(&self, user: &CurrentUser) -> Result<(), Problem> {
        match self {
            Self::AnyRole(roles) if !roles.iter().any(|role| user.has_role(role)) => {
                Err(user.denial())
            }
            Self::Permission(permission) if !user.is_permitted(permission) => Err(user.denial()),
            Self::Verified if !user.is_verified() => Err(Problem::email_not_verified()),
            Self::Account | Self::AnyRole(_) | Self::Permission(_) | Self::Verified => Ok(()),
        }
    }
}

/// Accepts every account, as [`CurrentUser`] does, also those that have yet to verify their
/// address; [`require_verified`] rejects these.
///
/// ```
/// # fn example(auth: doorward::Doorward) {
/// use axum::{Router, routing::get};
/// use doorward_axum::guard;
///
/// let members: Router = Router::new()
///     .route("/members", get(async || "Members"))
///     .route_layer(guard::require_user(&auth));
/// # let _ = members;
/// # }
/// ```
pub fn require_user(engine: &Doorward) -> Guard {
    Guard::new(engine, Demand::Account)
}

/// Lets in accounts that have this role at this moment, as
/// [`RequireRole`](crate::RequireRole) does.
///
/// ```
/// # fn example(auth: doorward::Doorward) -> Result<(), doorward::InvalidRoleName> {
/// use axum::routing::get;
/// use doorward_axum::guard;
///
/// let handler = get(async || "Invoices").layer(guard::require_role(&auth, "billing".parse()?));
/// # let _: axum::Router = axum::Router::new().route("/", handler);
/// # Ok(())
/// # }
/// ```
pub fn require_role(engine: &Doorward, role: RoleName) -> Guard {
    require_any_role(engine, [role])
}

/// Lets in accounts that have one of these roles at this moment: nobody where there are none.
///
/// ```
/// # fn example(auth: doorward::Doorward) {
/// use doorward::RoleName;
/// use doorward_axum::guard;
///
/// let staff = guard::require_any_role(&auth, [RoleName::ADMIN, RoleName::MODERATOR]);
/// # let _ = staff;
/// # }
/// ```
pub fn require_any_role(engine: &Doorward, roles: impl IntoIterator<Item = RoleName>) -> Guard {
    Guard::new(engine, Demand::AnyRole(roles.into_iter().collect()))
}

/// Lets in accounts whose present roles permit this, as
/// [`RequirePermission`](crate::RequirePermission) does: admins always.
///
/// ```
/// # fn example(auth: doorward::Doorward) {
/// use doorward::Permission;
/// use doorward_axum::guard;
///
/// let readers = guard::require_permission(&auth, Permission::new("reports:read"));
/// # let _ = readers;
/// # }
/// ```
pub fn require_permission(engine: &Doorward, permission: Permission) -> Guard {
    Guard::new(engine, Demand::Permission(permission))
}

/// Lets in accounts whose e-mail address was verified, as
/// [`RequireVerified`](crate::RequireVerified) does.
///
/// ```
/// # fn example(auth: doorward::Doorward) {
/// let verified = doorward_axum::guard::require_verified(&auth);
/// # let _ = verified;
/// # }
/// ```
pub fn require_verified(engine: &Doorward) -> Guard {
    Guard::new(engine, Demand::Verified)
}
