//! Loads the data keys, and creates those that are missing.

use std::sync::Arc;

use crate::domain::authz::RoleName;
use crate::domain::failure::Failure;
use crate::engine::Engine;
use crate::keys::{DataKey, DataKeys, KeyPurpose, KeyState};
use crate::store::db::{StoreError, Tx};
use crate::store::{data_keys, roles};

/// Loads the data keys. Writes only where a key is missing or was lost, or where a previous secret
/// encrypts one.
pub(crate) async fn load_data_keys(engine: &Arc<Engine>) -> Result<(), Failure> {
    let stored = engine
        .database()
        .read(|tx| Box::pin(async move { data_keys::list(tx).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let mut keys = engine.key_ring().open_data_keys(stored);
    if !keys.are_settled() {
        let owned = Arc::clone(engine);
        keys = engine
            .database()
            .write(move |tx| Box::pin(async move { settle(&owned, tx).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
    }
    engine.key_ring().set_data_keys(&keys)
}

/// Gives each purpose an active key that opens, and encrypts all keys with the current secret.
async fn settle(engine: &Arc<Engine>, tx: &mut Tx<'_>) -> Result<DataKeys, StoreError> {
    // Several servers may start at once. Each waits here for the one before, and sees its keys.
    // The table of the keys may be empty, so a row that always exists is the lock.
    roles::lock(tx, &RoleName::ADMIN).await?;
    let keys = list(engine, tx).await?;
    for key in keys.lost() {
        tracing::warn!(
            key_id = %key.id,
            purpose = key.purpose.as_str(),
            "a stored key does not open with the secret key and was replaced: what it encrypts \
             waits; add the previous secret key to SECRET_KEY_PREVIOUS"
        );
        data_keys::set_state(tx, key.id, KeyState::Retired).await?;
    }
    for purpose in KeyPurpose::ALL {
        if keys.active(purpose).is_some() {
            continue;
        }
        match keys.newest(purpose) {
            // An earlier key opens again, because the secret was changed back.
            Some(key) => data_keys::set_state(tx, key.id, KeyState::Active).await?,
            None => create(engine, tx, purpose).await?,
        }
    }
    for key in keys.outdated() {
        let sealed = engine.key_ring().seal_data_key(key, engine.entropy())?;
        data_keys::set_sealed(tx, &sealed).await?;
    }
    list(engine, tx).await
}

async fn list(engine: &Arc<Engine>, tx: &mut Tx<'_>) -> Result<DataKeys, StoreError> {
    let stored = data_keys::list(tx).await?;
    Ok(engine.key_ring().open_data_keys(stored))
}

async fn create(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    purpose: KeyPurpose,
) -> Result<(), StoreError> {
    let (now, entropy) = (engine.now(), engine.entropy());
    let key = DataKey::generate(purpose, now, entropy);
    let sealed = engine.key_ring().seal_data_key(&key, entropy)?;
    data_keys::insert(tx, &sealed, now).await
}

/// Loads the data keys if the tables exist by now. Returns whether they did.
pub(crate) async fn load_after_migration(engine: &Arc<Engine>) -> Result<bool, Failure> {
    let migrations = engine.database().list_migrations().await;
    let migrations = migrations.map_err(Failure::internal)?;
    let is_migrated = migrations.iter().any(|one| one.applied_at.is_some());
    if is_migrated {
        load_data_keys(engine).await?;
    }
    Ok(is_migrated)
}
