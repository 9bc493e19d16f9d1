//! `/audit-events`: who did what.

mod list;

use axum::extract::FromRef;
use doorward::Doorward;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::part::Part;

pub(crate) use list::AuditEventBody;

/// Those of this part.
pub(super) fn endpoints<S>(part: Part) -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    match part {
        Part::Audit => vec![routes!(list::list_audit_events)],
        _ => vec![],
    }
}
