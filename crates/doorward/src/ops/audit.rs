//! The audit trail, read.

use std::sync::Arc;

use crate::domain::audit::{AuditEvent, AuditFilter};
use crate::domain::authz::AuditRead;
use crate::domain::caller::Permitted;
use crate::domain::failure::Failure;
use crate::domain::page::{Page, PageRequest};
use crate::engine::Engine;
use crate::store::audit;
use crate::store::db::StoreError;

/// Lists audit events, the newest first.
pub(crate) async fn list_audit_events(
    engine: &Arc<Engine>,
    _by: &Permitted<AuditRead>,
    filter: AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEvent>, Failure> {
    engine
        .database()
        .read(move |tx| Box::pin(async move { audit::list(tx, &filter, &page).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
