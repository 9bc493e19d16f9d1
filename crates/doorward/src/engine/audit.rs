//! Audit events of operations.

use super::Engine;
use crate::domain::audit::{Action, Record};
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::store::audit;
use crate::store::db::StoreError;

/// Begins the record of an act that succeeds, unless it is said otherwise.
pub(crate) fn audit_record(engine: &Engine, action: Action, caller: &Caller) -> Record {
    Record::new(action, caller, engine.now(), engine.entropy())
}

/// Writes a record of what did not happen, and so has no transaction of its own.
pub(crate) async fn insert_audit_event(engine: &Engine, record: Record) -> Result<(), Failure> {
    engine
        .database()
        .write(move |tx| Box::pin(async move { audit::insert(tx, &record).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
