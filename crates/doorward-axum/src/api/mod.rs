//! The endpoints: one file each, in folders that mirror the URLs.

mod audit_events;
mod auth;
mod health;
mod roles;
mod users;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use health::HealthInfo;

/// The endpoints below the prefix.
pub(crate) fn below_prefix<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    OpenApiRouter::new()
        .nest("/auth", auth::router())
        .nest("/users", users::router())
        .nest("/roles", roles::router())
        .nest("/audit-events", audit_events::router())
}

/// The health checks, which stand at the root and below the prefix.
pub(crate) fn health<S>(info: HealthInfo) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    health::router(info)
}
