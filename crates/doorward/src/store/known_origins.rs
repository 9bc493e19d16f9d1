//! Statements about the networks and devices that accounts were used from.

use super::db::{Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::{KeyId, UserId};
use crate::keys::Fingerprint;

const RECORD: Statement = Statement::new(
    "known_origins.record",
    "insert into doorward_known_origins (user_id, key_id, origin, first_seen_at, last_seen_at) \
     values ($1, $2, $3, $5, $5), ($1, $2, $4, $5, $5) \
     on conflict (user_id, key_id, origin) do update set last_seen_at = excluded.last_seen_at \
     where doorward_known_origins.last_seen_at < $6 returning first_seen_at",
);
/// Finds an account whose other origins are all under other keys.
const IS_UNREADABLE: Statement = Statement::new(
    "known_origins.is_unreadable",
    "select 1 from doorward_known_origins where user_id = $1 and key_id <> $2 and not exists \
     (select 1 from doorward_known_origins where user_id = $1 and key_id = $2 \
      and origin not in ($3, $4)) limit 1",
);
const IS_KNOWN: Statement = Statement::new(
    "known_origins.is_known",
    "select 1 from doorward_known_origins where user_id = $1 and key_id = $2 and origin = $3",
);
const LIST: Statement = Statement::new(
    "known_origins.list",
    "select first_seen_at, last_seen_at from doorward_known_origins where user_id = $1 \
     order by first_seen_at, last_seen_at",
);
pub(super) const PURGE: Statement = Statement::new(
    "known_origins.purge",
    "delete from doorward_known_origins where (user_id, key_id, origin) in \
     (select user_id, key_id, origin from doorward_known_origins where last_seen_at < $1 \
      order by last_seen_at limit $2)",
);

/// Records the network and the device that an account is used from. Returns whether one of them
/// is new, as far as that is known.
///
/// If the account's other origins are all under other keys, the key was lost, and it is unknown
/// whether these two are new. An origin that was seen since `refreshed` is not written again.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    user: UserId,
    (key, network, device): (KeyId, Fingerprint, Fingerprint),
    now: Timestamp,
    refreshed: Timestamp,
) -> Result<bool, StoreError> {
    let mut values: Vec<Value> = vec![
        user.into(),
        key.into(),
        network.as_bytes().into(),
        device.as_bytes().into(),
        now.into(),
        refreshed.into(),
    ];
    let mut new = 0;
    for row in tx.fetch_all(&RECORD, &values).await? {
        new += u8::from(row.at::<Timestamp>(0)? == now);
    }
    if new < 2 {
        return Ok(new > 0);
    }
    values.truncate(IS_UNREADABLE.binds());
    let unreadable = tx.fetch_optional(&IS_UNREADABLE, &values).await?;
    Ok(unreadable.is_none())
}

/// Returns whether the account was used from this origin before.
pub(crate) async fn is_known(
    tx: &mut Tx<'_>,
    user: UserId,
    (key, origin): (KeyId, Fingerprint),
) -> Result<bool, StoreError> {
    let values = [user.into(), key.into(), origin.as_bytes().into()];
    Ok(tx.fetch_optional(&IS_KNOWN, &values).await?.is_some())
}

/// When the networks and devices of an account were first and last seen.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
    let rows = tx.fetch_all(&LIST, &[user.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.at(0)?, row.at(1)?)))
        .collect()
}

/// Forgets some that were not seen since `before`; tells how many.
pub(crate) async fn purge(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE, &[before.into(), limit.into()]).await
}
