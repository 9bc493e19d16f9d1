//! The app's database: its pool, and its own tables.

use std::error::Error;

use doorward::DatabaseUrl;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{SqlSafeStr as _, SqlitePool};

const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "notes", include_str!("../migrations/0001_notes.sql")),
    (2, "members", include_str!("../migrations/0002_members.sql")),
];

/// Opens the file that `DATABASE_URL` names for Doorward and its command line, too. sqlx takes
/// `sqlite:///app.db` for another one (`/app.db`), so that it is given the path.
pub(crate) async fn open(url: &DatabaseUrl) -> Result<SqlitePool, Box<dyn Error>> {
    let file = url
        .sqlite_file()
        .ok_or("DATABASE_URL does not name an SQLite file")?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    Ok(SqlitePool::connect_with(options).await?)
}

/// Brings the app's own tables up to date, as `sqlx::migrate!()` would.
pub(crate) async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS.map(|(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.into()).run(pool).await
}
