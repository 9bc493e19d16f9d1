//! Statements about passwords.

use super::db::{Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::password::PasswordHash;

const FIND: Statement = Statement::new(
    "passwords.find",
    "select hash from doorward_passwords where user_id = $1",
);
const CHANGED_AT: Statement = Statement::new(
    "passwords.changed_at",
    "select changed_at from doorward_passwords where user_id = $1",
);
const PUT: Statement = Statement::new(
    "passwords.put",
    "insert into doorward_passwords (user_id, hash, changed_at) values ($1, $2, $3) \
     on conflict (user_id) do update set hash = excluded.hash, changed_at = excluded.changed_at",
);
const UPGRADE: Statement = Statement::new(
    "passwords.upgrade",
    "update doorward_passwords set hash = $3 where user_id = $1 and hash = $2",
);

/// Finds the hash that an account's password is compared with.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Option<PasswordHash>, StoreError> {
    let row = tx.fetch_optional(&FIND, &[user.into()]).await?;
    row.map(|row| row.at(0).map(PasswordHash::new)).transpose()
}

/// When an account's password was last set.
pub(crate) async fn changed_at(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.fetch_optional(&CHANGED_AT, &[user.into()]).await?;
    row.map(|row| row.at(0)).transpose()
}

/// Gives an account a password, its first or a new one.
pub(crate) async fn put(
    tx: &mut Tx<'_>,
    user: UserId,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(&PUT, &[user.into(), hash.as_str().into(), now.into()])
        .await
        .map(drop)
}

/// Writes the same password in a better hash, unless it was changed meanwhile.
pub(crate) async fn upgrade(
    tx: &mut Tx<'_>,
    user: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), StoreError> {
    tx.execute(
        &UPGRADE,
        &[user.into(), old.as_str().into(), new.as_str().into()],
    )
    .await
    .map(drop)
}
