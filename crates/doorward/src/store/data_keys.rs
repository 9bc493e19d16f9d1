//! Statements about data keys.

use super::db::{Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::KeyId;
use crate::keys::{KeyPurpose, KeyState, StoredKey};

const LIST: Statement = Statement::new(
    "data_keys.list",
    "select id, purpose, state, sealed from doorward_keys order by id",
);
const INSERT: Statement = Statement::new(
    "data_keys.insert",
    "insert into doorward_keys (id, purpose, state, sealed, created_at) \
     values ($1, $2, $3, $4, $5)",
);
const SET_STATE: Statement = Statement::new(
    "data_keys.set_state",
    "update doorward_keys set state = $2 where id = $1",
);
const SET_SEALED: Statement = Statement::new(
    "data_keys.set_sealed",
    "update doorward_keys set sealed = $2 where id = $1",
);

/// Lists the stored keys, the oldest first. Purposes and states of a newer release are left out.
pub(crate) async fn list(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, StoreError> {
    let mut keys = Vec::new();
    for row in tx.fetch_all(&LIST, &[]).await? {
        let purpose = KeyPurpose::find(&row.at::<String>(1)?);
        let state = KeyState::find(&row.at::<String>(2)?);
        if let (Some(purpose), Some(state)) = (purpose, state) {
            keys.push(StoredKey {
                id: row.at(0)?,
                purpose,
                state,
                sealed: row.at(3)?,
            });
        }
    }
    Ok(keys)
}

/// Inserts a key. A second active key of one purpose breaks a unique index.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    key: &StoredKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values: [Value; 5] = [
        key.id.into(),
        key.purpose.as_str().into(),
        key.state.as_str().into(),
        key.sealed[..].into(),
        now.into(),
    ];
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Makes a key active or retired.
pub(crate) async fn set_state(
    tx: &mut Tx<'_>,
    id: KeyId,
    state: KeyState,
) -> Result<(), StoreError> {
    let values = [id.into(), state.as_str().into()];
    tx.execute(&SET_STATE, &values).await.map(drop)
}

/// Replaces the encrypted material of a key.
pub(crate) async fn set_sealed(tx: &mut Tx<'_>, key: &StoredKey) -> Result<(), StoreError> {
    let values = [key.id.into(), key.sealed[..].into()];
    tx.execute(&SET_SEALED, &values).await.map(drop)
}
