//! `/audit-events`: who did what.

mod list;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use list::AuditEventBody;

pub(super) fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list::list_audit_events))
}
