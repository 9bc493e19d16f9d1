//! Defaults that follow from other settings.

use doorward::DatabaseUrl;

use super::read::Reader;
use super::values::choice::{self, Environment, SmtpSecurity};
use super::values::network;

/// Ports on which front ends are developed.
const DEVELOPMENT_PORTS: &[u16] = &[3000, 5173, 8000, 8080];

/// What mails come from that are caught on this machine: an address that is nobody's (RFC 2606).
const SENDER_OF_CATCHERS: &str = "noreply@example.com";

/// Hands the reader every default that the table leaves to be computed.
pub(super) fn resolve(reader: &mut Reader<'_>, cores: usize) {
    reader.default_to("ENVIRONMENT", environment(reader).to_string());
    // What is written for ENVIRONMENT may be wrong: then nothing is opened.
    let effective = reader
        .peek("ENVIRONMENT")
        .and_then(|text| choice::environment(&text).ok());
    if effective == Some(Environment::Development) {
        reader.default_to("BACKEND_CORS_ORIGINS", development_origins());
        reader.default_to("PUBLIC_URL", development_url(reader));
        if smtp_host(reader).is_some_and(|host| network::is_loopback(&host)) {
            reader.default_to("EMAILS_FROM_EMAIL", SENDER_OF_CATCHERS);
        }
    }
    smtp(reader);
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

/// Where a browser on this machine finds the server; empty where the port is not known yet.
fn development_url(reader: &Reader<'_>) -> String {
    let host = reader
        .peek("HOST")
        .and_then(|text| network::host(&text).ok());
    let port = reader
        .peek("PORT")
        .and_then(|text| text.trim().parse::<u16>().ok());
    match (host, port) {
        (Some(host), Some(port)) if port > 0 => {
            format!("http://{}:{port}", network::browsable(&host))
        }
        _ => String::new(),
    }
}

fn smtp_host(reader: &Reader<'_>) -> Option<String> {
    let text = reader.peek("SMTP_HOST").filter(|text| !text.is_empty())?;
    network::host(&text).ok()
}

/// The port follows from the encryption, or the encryption from the port. What catches mails on
/// this machine, or passes them on, has no encryption.
fn smtp(reader: &mut Reader<'_>) {
    let port = reader
        .peek("SMTP_PORT")
        .filter(|_| reader.is_set("SMTP_PORT"));
    let port = port.and_then(|text| text.trim().parse::<u16>().ok());
    let is_local = smtp_host(reader).is_some_and(|host| network::is_loopback(&host));
    let usual = match port {
        Some(465) => SmtpSecurity::Tls,
        Some(587) => SmtpSecurity::StartTls,
        _ if is_local => SmtpSecurity::None,
        _ => SmtpSecurity::StartTls,
    };
    reader.default_to("SMTP_SECURITY", usual.to_string());
    let security = reader.peek("SMTP_SECURITY");
    let security = security.and_then(|text| choice::smtp_security(&text).ok());
    let usual = security.unwrap_or(usual).port();
    reader.default_to("SMTP_PORT", usual.to_string());
}

fn data_dir(reader: &Reader<'_>) -> String {
    let location = reader
        .peek("DATABASE_URL")
        .and_then(|text| network::database_url(&text).ok());
    let Some(path) = location.as_ref().and_then(DatabaseUrl::sqlite_file) else {
        return "./doorward-data".to_owned();
    };
    match path.parent().map(|folder| folder.to_string_lossy()) {
        Some(folder) if !folder.is_empty() => folder.into_owned(),
        _ => ".".to_owned(),
    }
}
