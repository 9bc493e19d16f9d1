//! Migrations: embedded, in order, each applied once, under a lock.

use super::error::StoreError;
use super::statement::Statement;
use super::tx::Tx;
use super::{Database, DatabaseKind};
use crate::domain::clock::Timestamp;

struct Migration {
    version: i64,
    name: &'static str,
    script: &'static str,
    /// What PostgreSQL needs beyond the script.
    postgres: &'static str,
}

/// Every migration, oldest first. One that was released is never changed.
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "initial",
    script: include_str!("../../../migrations/0001_initial.sql"),
    // A refresh finds room for the new row version on the same page.
    postgres: "alter table doorward_token_families set (fillfactor = 80)",
}];

const HISTORY: &str = "create table if not exists doorward_migrations (
    version bigint primary key not null,
    name text not null,
    applied_at bigint not null
)";
const LIST_APPLIED: Statement = Statement::new(
    "migrations.list",
    "select version, name, applied_at from doorward_migrations order by version",
);
const INSERT: Statement = Statement::new(
    "migrations.insert",
    "insert into doorward_migrations (version, name, applied_at) values ($1, $2, $3)",
);
/// Several replicas may start at once; the number is the lock's name, and means nothing else.
const LOCK_POSTGRES: Statement = Statement::new(
    "migrations.lock",
    "select pg_advisory_xact_lock(4919131752)",
);

/// A schema that could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The database was used by a newer release, whose schema this one does not know.
    #[error(
        "the database has schema version {found}, this release knows versions up to {known}: \
         run the newer release"
    )]
    FromTheFuture {
        /// The newest version in the database.
        found: i64,
        /// The newest version that this release knows.
        known: i64,
    },
    /// A checkout from before the first release made the schema. There is no migration from it.
    #[error(
        "the database has the schema of a checkout from before the first release (migration \
         {version} is `{found}`), which cannot be brought up to date: use an empty database, or \
         delete this one"
    )]
    Unreleased {
        /// The number of the migration that is not the one of this release.
        version: i64,
        /// The name of that migration in the database.
        found: String,
    },
    /// There is no migration of this version.
    #[error("there is no migration of version {0}")]
    UnknownVersion(i64),
    /// The database did not carry a migration out.
    #[error("the schema could not be brought up to date")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for MigrateError {
    fn from(error: StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// One migration, and when it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its number; they count from 1 without gaps.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// When it was applied, if it was.
    pub applied_at: Option<Timestamp>,
}

impl Database {
    /// Brings the schema up to date; does nothing where it is.
    ///
    /// # Errors
    /// [`MigrateError::FromTheFuture`] where a newer release used the database;
    /// [`MigrateError::Unreleased`] where a checkout from before the first release made the
    /// schema; [`MigrateError::Store`] where the database is out of reach or refuses.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        self.migrate_to(newest()).await
    }

    /// Applies the migrations up to and including `version`. Nothing is ever undone.
    ///
    /// # Errors
    /// [`MigrateError::UnknownVersion`] where there is none of this number, and as
    /// [`Database::migrate`].
    pub async fn migrate_to(&self, version: i64) -> Result<(), MigrateError> {
        if !MIGRATIONS
            .iter()
            .any(|migration| migration.version == version)
        {
            return Err(MigrateError::UnknownVersion(version));
        }
        // A look first, so that an up-to-date database is started on without a write.
        if self.newest_applied().await? >= version {
            return Ok(());
        }
        let kind = self.kind();
        self.write_unhurried(move |tx| Box::pin(apply_up_to(tx, kind, version)))
            .await
    }

    /// Lists every migration that this release knows, oldest first.
    ///
    /// # Errors
    /// As [`Database::migrate`].
    pub async fn list_migrations(&self) -> Result<Vec<MigrationStatus>, MigrateError> {
        let applied = self.read_applied().await?;
        check_history(&applied)?;
        let status = |migration: &Migration| MigrationStatus {
            version: migration.version,
            name: migration.name,
            applied_at: applied
                .iter()
                .find(|applied| applied.version == migration.version)
                .map(|applied| applied.at),
        };
        Ok(MIGRATIONS.iter().map(status).collect())
    }

    async fn newest_applied(&self) -> Result<i64, MigrateError> {
        let applied = self.read_applied().await?;
        check_history(&applied)?;
        Ok(applied.last().map_or(0, |applied| applied.version))
    }

    async fn read_applied(&self) -> Result<Vec<Applied>, MigrateError> {
        let exists = match self.kind() {
            DatabaseKind::Sqlite => Statement::new(
                "migrations.exists",
                "select 1 from sqlite_master where name = 'doorward_migrations'",
            ),
            DatabaseKind::Postgres => Statement::new(
                "migrations.exists",
                "select 1 where to_regclass('doorward_migrations') is not null",
            ),
        };
        self.read(move |tx| {
            Box::pin(async move {
                if tx.fetch_optional(&exists, &[]).await?.is_none() {
                    return Ok(Vec::new());
                }
                list_applied(tx).await
            })
        })
        .await
    }
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// A migration that was applied.
struct Applied {
    version: i64,
    name: String,
    at: Timestamp,
}

async fn list_applied(tx: &mut Tx<'_>) -> Result<Vec<Applied>, MigrateError> {
    let rows = tx.fetch_all(&LIST_APPLIED, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Applied {
                version: row.at(0)?,
                name: row.at(1)?,
                at: row.at(2)?,
            })
        })
        .collect::<Result<_, StoreError>>()
        .map_err(MigrateError::from)
}

/// Checks that this release knows the migrations that were applied.
fn check_history(applied: &[Applied]) -> Result<(), MigrateError> {
    let is_foreign = |applied: &&Applied| {
        MIGRATIONS
            .iter()
            .any(|known| known.version == applied.version && known.name != applied.name)
    };
    if let Some(foreign) = applied.iter().find(is_foreign) {
        return Err(MigrateError::Unreleased {
            version: foreign.version,
            found: foreign.name.clone(),
        });
    }
    match applied.last() {
        Some(last) if last.version > newest() => Err(MigrateError::FromTheFuture {
            found: last.version,
            known: newest(),
        }),
        _ => Ok(()),
    }
}

async fn apply_up_to(
    tx: &mut Tx<'_>,
    kind: DatabaseKind,
    version: i64,
) -> Result<(), MigrateError> {
    if kind == DatabaseKind::Postgres {
        tx.fetch_all(&LOCK_POSTGRES, &[]).await?;
    }
    tx.execute_script(HISTORY).await?;
    // Another replica may have been faster while this one waited for the lock.
    let applied = list_applied(tx).await?;
    check_history(&applied)?;
    let last = applied.last().map_or(0, |applied| applied.version);
    let pending = |migration: &&Migration| (last + 1..=version).contains(&migration.version);
    for migration in MIGRATIONS.iter().filter(pending) {
        tx.execute_script(migration.script).await?;
        if kind == DatabaseKind::Postgres {
            tx.execute_script(migration.postgres).await?;
        }
        let values = [
            migration.version.into(),
            migration.name.into(),
            crate::domain::clock::Clock::now(&crate::domain::clock::SystemClock).into(),
        ];
        tx.execute(&INSERT, &values).await?;
        tracing::info!(
            version = migration.version,
            name = migration.name,
            "migration applied"
        );
    }
    Ok(())
}
