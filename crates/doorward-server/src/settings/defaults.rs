//! Defaults that follow from other settings.

use super::read::Reader;
use super::values::choice::{self, Environment};
use super::values::database::{self, DatabaseLocation};
use super::values::network;

/// Ports on which front ends are developed.
const DEVELOPMENT_PORTS: &[u16] = &[3000, 5173, 8000, 8080];

/// Hands the reader every default that the table leaves to be computed.
pub(super) fn resolve(reader: &mut Reader<'_>, cores: usize) {
    reader.default_to("ENVIRONMENT", environment(reader).to_string());
    // What is written for ENVIRONMENT may be wrong: then nothing is opened.
    let effective = reader
        .peek("ENVIRONMENT")
        .and_then(|text| choice::environment(&text).ok());
    if effective == Some(Environment::Development) {
        reader.default_to("BACKEND_CORS_ORIGINS", development_origins());
    }
    reader.default_to("DATA_DIR", data_dir(reader));
    reader.default_to("PASSWORD_HASH_THREADS", cores.clamp(1, 1024).to_string());
}

fn environment(reader: &Reader<'_>) -> Environment {
    let host = reader
        .peek("HOST")
        .and_then(|text| network::host(&text).ok());
    let loopback = host.is_some_and(|host| network::is_loopback(&host));
    if loopback && !reader.is_set("SECRET_KEY") {
        Environment::Development
    } else {
        Environment::Production
    }
}

fn development_origins() -> String {
    let hosts = ["http://localhost", "http://127.0.0.1"];
    let origins = hosts.iter().flat_map(|host| {
        DEVELOPMENT_PORTS
            .iter()
            .map(move |port| format!("{host}:{port}"))
    });
    origins.collect::<Vec<_>>().join(",")
}

fn data_dir(reader: &Reader<'_>) -> String {
    let location = reader
        .peek("DATABASE_URL")
        .and_then(|text| database::database_url(&text).ok());
    let Some(DatabaseLocation::SqliteFile(path)) = location else {
        return "./doorward-data".to_owned();
    };
    match path.parent().map(|folder| folder.to_string_lossy()) {
        Some(folder) if !folder.is_empty() => folder.into_owned(),
        _ => ".".to_owned(),
    }
}
