//! Statements about deleted accounts whose traces are still to be wiped out.

use super::db::{Change, Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;

const INSERT: Statement = Statement::new(
    "erasures.insert",
    "insert into doorward_erasures (user_id, requested_at, due_at) values ($1, $2, 0)",
);
pub(super) const FIND_DUE: Statement = Statement::new(
    "erasures.find_due",
    "select user_id, requested_at from doorward_erasures where due_at <= $1 order by due_at limit 1",
);
const POSTPONE: Statement = Statement::new(
    "erasures.postpone",
    "update doorward_erasures set due_at = $2 where user_id = $1",
);
const DELETE: Statement = Statement::new(
    "erasures.delete",
    "delete from doorward_erasures where user_id = $1",
);

/// A deleted account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Erasure {
    pub(crate) user: UserId,
    pub(crate) requested_at: Timestamp,
}

/// Notes that an account's traces are to be wiped out, in the transaction that deletes it. They
/// are due at once, whatever a clock says that is set back meanwhile.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(&INSERT, &[user.into(), now.into()]).await?;
    tx.changed(Change::Erasure);
    Ok(())
}

/// The account whose traces have been due to be wiped out for longest.
pub(crate) async fn find_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
) -> Result<Option<Erasure>, StoreError> {
    let Some(row) = tx.fetch_optional(&FIND_DUE, &[now.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Erasure {
        user: row.at(0)?,
        requested_at: row.at(1)?,
    }))
}

/// Looks for an account's traces once more at `due_at`.
pub(crate) async fn postpone(
    tx: &mut Tx<'_>,
    user: UserId,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(&POSTPONE, &[user.into(), due_at.into()])
        .await
        .map(drop)
}

/// Forgets an account of which nothing is left.
pub(crate) async fn delete(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tx.execute(&DELETE, &[user.into()]).await.map(drop)
}
