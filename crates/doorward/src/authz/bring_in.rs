//! The app's own roles on their way into the database.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::define::{DEFAULT_RANK, is_rank, storable};
use super::{AppRole, Caller, NewRole, Role, RoleCatalogue, RoleName, built_in_permissions};
use crate::audit::Action;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::{audit, roles};

/// The roles that the app itself defines, less those that are built in.
///
/// They are in an order, so that two processes that start at once take them up in the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppRoles(BTreeMap<RoleName, NewRole>);

/// Roles that no app can define.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InvalidAppRole {
    /// The rank is not within 0 and 399.
    Rank(RoleName),
    /// There are two definitions of this name.
    DefinedTwice(RoleName),
}

/// What the app says of each of its roles.
pub(crate) fn definitions<R: AppRole>() -> impl Iterator<Item = NewRole> {
    R::ALL.iter().map(|role| NewRole {
        name: role.name(),
        ..role.definition()
    })
}

impl AppRoles {
    pub(crate) fn new(
        definitions: impl IntoIterator<Item = NewRole>,
    ) -> Result<Self, InvalidAppRole> {
        let mut roles = BTreeMap::new();
        let own = |new: &NewRole| built_in_permissions(&new.name).is_none();
        for new in definitions.into_iter().filter(own) {
            if !is_rank(new.rank.unwrap_or(DEFAULT_RANK)) {
                return Err(InvalidAppRole::Rank(new.name));
            }
            match roles.entry(new.name.clone()) {
                Entry::Vacant(place) => drop(place.insert(new)),
                Entry::Occupied(other) if *other.get() == new => {}
                Entry::Occupied(_) => return Err(InvalidAppRole::DefinedTwice(new.name)),
            }
        }
        Ok(Self(roles))
    }

    pub(crate) fn defines(&self, name: &RoleName) -> bool {
        self.0.contains_key(name)
    }

    /// The roles as they are to be stored.
    fn wanted(&self, now: Timestamp) -> Vec<Role> {
        let role = |new: &NewRole| Role {
            name: new.name.clone(),
            rank: new.rank.unwrap_or(DEFAULT_RANK),
            description: storable(&new.description),
            permissions: new.permissions.clone(),
            built_in: true,
            created_at: now,
            updated_at: now,
        };
        self.0.values().map(role).collect()
    }
}

impl Doorward {
    /// Brings the app's roles into the database, so that they are there as the app defines
    /// them. Those that it defines no longer stay.
    pub(crate) async fn bring_in_roles(&self) -> Result<(), Failure> {
        let wanted = self.config().app_roles.wanted(self.now());
        if wanted.is_empty() {
            return Ok(());
        }
        // A look first, so that there is no write where nothing has changed.
        let present = self.role_catalogue().await?;
        if wanted.iter().all(|role| is_as_wanted(&present, role)) {
            return Ok(());
        }
        let engine = self.clone();
        self.database()
            .write(move |tx| Box::pin(async move { bring_in(tx, &engine, &wanted).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }
}

async fn bring_in(tx: &mut Tx<'_>, engine: &Doorward, wanted: &[Role]) -> Result<(), StoreError> {
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
    engine: &Doorward,
    (action, role): (Action, &Role),
) -> Result<(), StoreError> {
    tx.changed(Change::Roles);
    let record = engine.record(action, &Caller::operator());
    audit::insert(tx, &record.about_role(&role.name)).await
}
