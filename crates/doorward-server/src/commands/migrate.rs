//! `doorward migrate`

use doorward::{Database, MigrationStatus};
use doorward_axum::rfc3339;
use serde_json::json;

use crate::cli;
use crate::engine;
use crate::failure::CommandFailure;
use crate::output;
use crate::settings::Settings;

/// Brings the schema up to date, or tells how it stands.
pub(crate) async fn migrate(
    settings: &Settings,
    arguments: &cli::Migrate,
    as_json: bool,
) -> Result<(), CommandFailure> {
    let database = engine::connect(settings).await?;
    if !arguments.status {
        match arguments.to {
            Some(version) => database.migrate_to(version).await?,
            None => database.migrate().await?,
        }
    }
    show(&database, as_json).await
}

async fn show(database: &Database, as_json: bool) -> Result<(), CommandFailure> {
    let migrations = database.list_migrations().await?;
    let applied_at = |migration: &MigrationStatus| migration.applied_at.map(rfc3339);
    if as_json {
        let rows: Vec<_> = migrations
            .iter()
            .map(|migration| {
                json!({
                    "version": migration.version,
                    "name": migration.name,
                    "applied_at": applied_at(migration),
                })
            })
            .collect();
        return output::json(&rows);
    }
    for migration in &migrations {
        let when = applied_at(migration).unwrap_or_else(|| "pending".to_owned());
        output::line(format_args!(
            "{:>4}  {:20}  {when}",
            migration.version, migration.name
        ));
    }
    Ok(())
}
