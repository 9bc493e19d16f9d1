//! What a starting server tells its operator.

use std::net::SocketAddr;

use doorward::{DatabaseKind, DatabaseUrl};

use super::dev_mail;
use super::first_admin::FirstAdmin;
use crate::output;
use crate::settings::{Environment, FIRST_ADMIN_HINT, MailDelivery, Provisioned, Settings};

/// Prints where everything is, and, once, the password of the first admin.
pub(crate) fn show(
    settings: &Settings,
    secrets: &Provisioned,
    address: SocketAddr,
    first_admin: FirstAdmin,
) {
    let base = base_url(address);
    output::line(format_args!(
        "{} {} ({})",
        settings.project_name, settings.version, settings.environment
    ));
    output::line(format_args!("  API       {base}{}", settings.api_prefix));
    output::line(format_args!("  Docs      {base}/docs and {base}/redoc"));
    output::line(format_args!("  Database  {}", database(&settings.database)));
    output::line(format_args!("  Mail      {}", mail(settings, &base)));
    for kept in secrets.kept.iter().filter(|kept| kept.is_new) {
        output::line(format_args!(
            "  Made      {} in {}",
            kept.name,
            kept.path.display()
        ));
    }
    show_first_admin(settings, secrets, first_admin);
}

fn show_first_admin(settings: &Settings, secrets: &Provisioned, first_admin: FirstAdmin) {
    let generated = settings.first_superuser_password.is_none();
    match (first_admin, &secrets.first_superuser_password) {
        (FirstAdmin::Made, Some(password)) if generated => {
            output::line("");
            output::line("  The first admin was made; its password is shown this once:");
            output::line(format_args!(
                "    e-mail    {}",
                settings.first_superuser_email
            ));
            output::line(format_args!("    password  {}", password.expose()));
            output::line("");
        }
        (FirstAdmin::Made, _) => {
            output::line(format_args!(
                "  Admin     {} was made",
                settings.first_superuser_email
            ));
        }
        (FirstAdmin::Missing, _) => output::line(format_args!("  Admin     {FIRST_ADMIN_HINT}")),
        (FirstAdmin::Exists, _) => {}
    }
}

/// What becomes of mails.
fn mail(settings: &Settings, base: &str) -> String {
    match (settings.mail_delivery(), &settings.smtp_host) {
        (MailDelivery::Kept, _) => format!("kept, to be read at {base}{}", dev_mail::PATH),
        (MailDelivery::Smtp, Some(host)) => {
            format!("through {host} port {}", settings.smtp_port)
        }
        _ => "none".to_owned(),
    }
}

/// Where a browser on this machine finds the server.
pub(crate) fn base_url(address: SocketAddr) -> String {
    format!("http://{}", browsable(address))
}

/// An address that a browser on this machine can open.
fn browsable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("127.0.0.1:{}", address.port())
    } else {
        address.to_string()
    }
}

fn database(url: &DatabaseUrl) -> String {
    match (url.kind(), url.sqlite_file()) {
        (DatabaseKind::Sqlite, Some(path)) => format!("SQLite, {}", path.display()),
        (DatabaseKind::Sqlite, None) => {
            "SQLite in memory: everything is gone when the server stops".to_owned()
        }
        (DatabaseKind::Postgres, _) => format!("PostgreSQL, {url}"),
    }
}

/// Logs what the settings make one wonder about.
pub(crate) fn warn(settings: &Settings, secrets: &Provisioned) {
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    for kept in secrets.kept.iter().filter(|kept| kept.is_exposed) {
        tracing::warn!(path = %kept.path.display(), "others on this machine may read this secret");
    }
    if settings.environment == Environment::Development {
        tracing::info!("development: set ENVIRONMENT=production and SECRET_KEY for real use");
    }
}
