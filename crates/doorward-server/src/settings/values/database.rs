//! `DATABASE_URL`.

use doorward::{DatabaseUrl, InvalidDatabaseUrl};

/// The database that a URL names, in the library's reading.
pub(in crate::settings) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    text.parse()
        .map_err(|error: InvalidDatabaseUrl| error.to_string())
}
