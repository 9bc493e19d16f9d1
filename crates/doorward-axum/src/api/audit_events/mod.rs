//! `/audit-events`: who did what.

mod list;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

pub(crate) use list::AuditEventBody;

pub(super) fn endpoints<S>() -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    vec![routes!(list::list_audit_events)]
}
