//! Statements about failed logins in a row.

use super::db::{Row, Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::keys::Fingerprint;

const FIND: Statement = Statement::new(
    "login_failures.find",
    "select failures, last_failed_at, locked_until from doorward_login_failures where subject = $1",
);
const COUNT: Statement = Statement::new(
    "login_failures.count",
    "insert into doorward_login_failures \
     (subject, user_id, failures, last_failed_at, locked_until) values ($1, $2, 1, $3, 0) \
     on conflict (subject) do update set last_failed_at = excluded.last_failed_at, failures = \
     case when doorward_login_failures.last_failed_at < $4 then 1 \
     else doorward_login_failures.failures + 1 end returning failures",
);
const LOCK: Statement = Statement::new(
    "login_failures.lock",
    "update doorward_login_failures set locked_until = $2 where subject = $1",
);
const CLEAR: Statement = Statement::new(
    "login_failures.clear",
    "delete from doorward_login_failures where subject = $1",
);
const CLEAR_ALL_OF: Statement = Statement::new(
    "login_failures.clear_all_of",
    "delete from doorward_login_failures where user_id = $1",
);
const LIST_OF: Statement = Statement::new(
    "login_failures.list_of",
    "select failures, last_failed_at, locked_until from doorward_login_failures \
     where user_id = $1 order by last_failed_at",
);
pub(super) const PURGE: Statement = Statement::new(
    "login_failures.purge",
    "delete from doorward_login_failures where subject in \
     (select subject from doorward_login_failures where last_failed_at < $1 and locked_until < $2 \
      order by last_failed_at limit $3)",
);

/// Failed logins in a row of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailureRecord {
    pub(crate) failures: i64,
    pub(crate) last_failed_at: Timestamp,
    pub(crate) locked_until: Timestamp,
}

/// Finds a subject's failures; `None` where there are none.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    subject: Fingerprint,
) -> Result<Option<FailureRecord>, StoreError> {
    let Some(row) = tx
        .fetch_optional(&FIND, &[subject.as_bytes().into()])
        .await?
    else {
        return Ok(None);
    };
    read(&row).map(Some)
}

/// Lists the failures of an account, one row for each place that they are counted apart for.
pub(crate) async fn list_of(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<FailureRecord>, StoreError> {
    let rows = tx.fetch_all(&LIST_OF, &[user.into()]).await?;
    rows.iter().map(read).collect()
}

/// Counts one more failure and holds the row; tells how many there are in a row. Those
/// before `forgotten` count no more.
pub(crate) async fn count(
    tx: &mut Tx<'_>,
    subject: Fingerprint,
    user: Option<UserId>,
    now: Timestamp,
    forgotten: Timestamp,
) -> Result<i64, StoreError> {
    let values: [Value; 4] = [
        subject.as_bytes().into(),
        user.into(),
        now.into(),
        forgotten.into(),
    ];
    tx.fetch_one(&COUNT, &values).await?.at(0)
}

/// Locks a subject whose failures were counted just now.
pub(crate) async fn lock(
    tx: &mut Tx<'_>,
    subject: Fingerprint,
    until: Timestamp,
) -> Result<(), StoreError> {
    let values = [subject.as_bytes().into(), until.into()];
    tx.execute(&LOCK, &values).await.map(drop)
}

/// Forgets a subject's failures.
pub(crate) async fn clear(tx: &mut Tx<'_>, subject: Fingerprint) -> Result<(), StoreError> {
    tx.execute(&CLEAR, &[subject.as_bytes().into()])
        .await
        .map(drop)
}

/// Forgets all failures of an account, wherever they came from; tells whether there were any.
pub(crate) async fn clear_all_of(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    Ok(tx.execute(&CLEAR_ALL_OF, &[user.into()]).await? > 0)
}

/// Deletes some rows that mean nothing any more; tells how many.
pub(crate) async fn purge(
    tx: &mut Tx<'_>,
    forgotten: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE, &[forgotten.into(), now.into(), limit.into()])
        .await
}

fn read(row: &Row) -> Result<FailureRecord, StoreError> {
    Ok(FailureRecord {
        failures: row.at(0)?,
        last_failed_at: row.at(1)?,
        locked_until: row.at(2)?,
    })
}
