//! The engine of a command, beside a server or an application that embeds one.

use doorward::{Database, Doorward, MigrationStatus};

use super::{configure, connect, place};
use crate::failure::CommandFailure;
use crate::settings::Settings;

/// Whether a command may be the first to use a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstUse {
    /// It makes what is not there.
    Allowed,
    /// It looks for something, which an empty database does not have.
    Refused,
}

/// The engine of a command.
pub(crate) struct CommandEngine {
    pub(crate) engine: Doorward,
    /// Whether it has the secret of those whose database it is, and so can write mail.
    pub(crate) has_secret: bool,
}

/// Builds the engine of a command. Mails that it causes wait in the outbox for a server, or for
/// the application that embeds one.
///
/// No command makes a secret: those whose database it is have theirs. Where it is not at hand,
/// nothing is written that depends on it.
pub(crate) async fn build_for_command(
    settings: &Settings,
    first_use: FirstUse,
) -> Result<CommandEngine, CommandFailure> {
    if first_use == FirstUse::Refused {
        expect_database(settings)?;
    }
    let secret = settings.find_secret_key()?;
    let mail = match &secret {
        Some(_) => crate::mail::configure(settings, "http://127.0.0.1")?.config,
        None => None,
    };
    let database = connect(settings).await?;
    expect_schema(settings, &database, first_use).await?;
    let builder = configure(Doorward::builder(database), settings, mail)?
        .maintain(false)
        .migrate(first_use == FirstUse::Allowed);
    let builder = match &secret {
        Some(secret) => builder.secret_key(secret.expose()),
        // Nobody registers on the command line, so that without mail nothing is revealed either.
        None => builder.without_secret_key().registration_reveals(true),
    };
    Ok(CommandEngine {
        engine: builder.build().await?,
        has_secret: secret.is_some(),
    })
}

/// Refuses a database file that is not there: who looks for accounts in an empty one is in the
/// wrong folder, and should not make it in passing.
fn expect_database(settings: &Settings) -> Result<(), CommandFailure> {
    match settings.database.sqlite_file() {
        Some(path) if !path.exists() => Err(CommandFailure::database(format!(
            "there is no database {} yet: start the server or the application once, or see \
             whether this is the right folder (DATABASE_URL)",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Refuses a schema that this release does not work on. It may be that of an application which
/// embeds an older one, and is not to be changed behind its back.
async fn expect_schema(
    settings: &Settings,
    database: &Database,
    first_use: FirstUse,
) -> Result<(), CommandFailure> {
    let migrations = database.list_migrations().await?;
    let is_applied = |migration: &&MigrationStatus| migration.applied_at.is_some();
    let found = migrations.iter().rev().find(is_applied);
    let needed = migrations.last().map_or(0, |migration| migration.version);
    match (found, first_use) {
        (None, FirstUse::Allowed) => Ok(()),
        (None, FirstUse::Refused) => Err(CommandFailure::database(format!(
            "there are no accounts in the database yet: start the server or the application \
             once, or see whether this is the right database (DATABASE_URL: {})",
            place(settings)
        ))),
        (Some(found), _) if found.version < needed => Err(CommandFailure::database(format!(
            "the database has schema version {}, this release needs version {needed}: update \
             the server or the application and run `doorward migrate`, or run the doorward of \
             their release",
            found.version
        ))),
        (Some(_), _) => Ok(()),
    }
}
