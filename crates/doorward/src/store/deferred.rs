//! Statements about requests that are answered before they are carried out.

use super::db::{Change, Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::MailId;
use crate::domain::jobs::Queue;

const INSERT: Statement = Statement::new(
    "deferred.insert",
    "insert into doorward_deferred (id, sealed, created_at) values ($1, $2, $3)",
);
const LIST: Statement = Statement::new(
    "deferred.list",
    "select id, sealed from doorward_deferred order by id limit $1",
);
const CONSUME: Statement = Statement::new(
    "deferred.consume",
    "delete from doorward_deferred where id = $1 returning id",
);
const PURGE: Statement = Statement::new(
    "deferred.purge",
    "delete from doorward_deferred where created_at < $1",
);

/// A request to carry out.
#[derive(Clone, Debug)]
pub(crate) struct DeferredRecord {
    pub(crate) id: MailId,
    pub(crate) sealed: Vec<u8>,
}

/// Keeps a request until somebody carries it out.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    record: &DeferredRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [record.id.into(), record.sealed[..].into(), now.into()];
    tx.execute(&INSERT, &values).await?;
    tx.changed(Change::Jobs(Queue::Deferred));
    Ok(())
}

/// The oldest requests that wait.
pub(crate) async fn list(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DeferredRecord>, StoreError> {
    let rows = tx.fetch_all(&LIST, &[limit.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(DeferredRecord {
                id: row.at(0)?,
                sealed: row.at(1)?,
            })
        })
        .collect()
}

/// Takes a request away in the transaction that carries it out; tells whether it was there
/// still, or somebody else was faster.
pub(crate) async fn consume(tx: &mut Tx<'_>, id: MailId) -> Result<bool, StoreError> {
    Ok(tx.fetch_optional(&CONSUME, &[id.into()]).await?.is_some())
}

/// Gives up requests that were made before `before`; tells how many.
pub(crate) async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(&PURGE, &[before.into()]).await
}
