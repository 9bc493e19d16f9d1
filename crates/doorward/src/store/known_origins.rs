//! Statements about the networks and devices that accounts were used from.

use super::db::{Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::keys::Fingerprint;

const NOTE: Statement = Statement::new(
    "known_origins.note",
    "insert into doorward_known_origins (user_id, origin, first_seen_at, last_seen_at) \
     values ($1, $2, $4, $4), ($1, $3, $4, $4) \
     on conflict (user_id, origin) do update set last_seen_at = excluded.last_seen_at \
     where doorward_known_origins.last_seen_at < $5 returning first_seen_at",
);
const IS_KNOWN: Statement = Statement::new(
    "known_origins.is_known",
    "select 1 from doorward_known_origins where user_id = $1 and origin = $2",
);
const LIST: Statement = Statement::new(
    "known_origins.list",
    "select first_seen_at, last_seen_at from doorward_known_origins where user_id = $1 \
     order by first_seen_at, last_seen_at",
);
pub(super) const PURGE: Statement = Statement::new(
    "known_origins.purge",
    "delete from doorward_known_origins where (user_id, origin) in \
     (select user_id, origin from doorward_known_origins where last_seen_at < $1 \
      order by last_seen_at limit $2)",
);

/// Notes where an account is used from; tells whether the network or the device is new.
///
/// One that was seen since `refreshed` is not written again.
pub(crate) async fn note(
    tx: &mut Tx<'_>,
    user: UserId,
    (network, device): (Fingerprint, Fingerprint),
    now: Timestamp,
    refreshed: Timestamp,
) -> Result<bool, StoreError> {
    let values: [Value; 5] = [
        user.into(),
        network.as_bytes().into(),
        device.as_bytes().into(),
        now.into(),
        refreshed.into(),
    ];
    for row in tx.fetch_all(&NOTE, &values).await? {
        if row.at::<Timestamp>(0)? == now {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the account was used from there before.
pub(crate) async fn is_known(
    tx: &mut Tx<'_>,
    user: UserId,
    origin: Fingerprint,
) -> Result<bool, StoreError> {
    let values = [user.into(), origin.as_bytes().into()];
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
