//! The app's own roles on their way into the database.

use std::sync::Arc;

use crate::domain::audit::Action;
use crate::domain::authz::{Role, RoleCatalogue};
use crate::domain::caller::Caller;
use crate::domain::failure::Failure;
use crate::engine::Engine;
use crate::engine::audit::audit_record;
use crate::ops::cached::role_catalogue;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, roles};

/// Brings the app's roles into the database, so that they are there as the app defines
/// them. Those that it defines no longer stay.
pub(crate) async fn bring_in_roles(engine: &Arc<Engine>) -> Result<(), Failure> {
    let wanted = engine.config().app_roles.wanted(engine.now());
    if wanted.is_empty() {
        return Ok(());
    }
    // A look first, so that there is no write where nothing has changed.
    let present = role_catalogue(engine).await?;
    if wanted.iter().all(|role| is_as_wanted(&present, role)) {
        return Ok(());
    }
    let owned = Arc::clone(engine);
    engine
        .database()
        .write(move |tx| Box::pin(async move { bring_in(tx, &owned, &wanted).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn bring_in(
    tx: &mut Tx<'_>,
    engine: &Arc<Engine>,
    wanted: &[Role],
) -> Result<(), StoreError> {
    for role in wanted {
        // Whoever holds the row, or has just inserted it, is waited for.
        if !roles::lock(tx, &role.name).await? && roles::insert_missing(tx, role).await? {
            note(tx, engine, (Action::RoleCreated, role)).await?;
        }
    }
    let present = RoleCatalogue::new(roles::list(tx).await?);
    for role in wanted {
        if !is_as_wanted(&present, role) {
            // Somebody may have defined a role of this name, and given it to people.
            tracing::warn!(role = %role.name, "a role was redefined by the application");
            roles::update(tx, role).await?;
            note(tx, engine, (Action::RoleUpdated, role)).await?;
        }
    }
    Ok(())
}

fn is_as_wanted(present: &RoleCatalogue, wanted: &Role) -> bool {
    present.find(&wanted.name).is_some_and(|role| {
        role.rank == wanted.rank
            && role.description == wanted.description
            && role.permissions == wanted.permissions
    })
}

async fn note(
    tx: &mut Tx<'_>,
    engine: &Arc<Engine>,
    (action, role): (Action, &Role),
) -> Result<(), StoreError> {
    tx.changed(Change::Roles);
    let record = audit_record(engine, action, &Caller::operator());
    audit::insert(tx, &record.about_role(&role.name)).await
}
