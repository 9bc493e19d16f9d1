//! The engine, built as the settings say.

mod command;

use std::path::Path;
use std::time::Duration;

use doorward::{
    Argon2Params, Builder, ConnectError, Database, Doorward, Entropy, HasherConfig, LockoutPolicy,
    MailConfig, PoolOptions, RateLimits, RequiredIdentity, Retention, RoleName, SystemEntropy,
};

use crate::failure::CommandFailure;
use crate::settings::{
    Algorithm, MailDelivery, Provisioned, RegistrationRequires, Secret, Settings,
};

pub(crate) use command::{CommandEngine, FirstUse, build_for_command};

/// Opens the database that the settings name.
pub(crate) async fn connect(settings: &Settings) -> Result<Database, CommandFailure> {
    if let Some(path) = settings.database.sqlite_file() {
        prepare_folder(path)?;
    }
    let mut options = PoolOptions::default();
    options.max_connections = settings
        .db_pool_size
        .saturating_add(settings.db_max_overflow);
    options.acquire_timeout = settings.db_pool_timeout;
    options.max_lifetime = settings.db_pool_recycle.unwrap_or(Duration::MAX);
    Database::open(&settings.database, &options)
        .await
        .map_err(|error| unusable(settings, &error))
}

/// Where the database is, without its password.
fn place(settings: &Settings) -> String {
    match settings.database.sqlite_file() {
        Some(path) => path.display().to_string(),
        None => settings.database.to_string(),
    }
}

/// Says which database it is about, and what there is to do.
fn unusable(settings: &Settings, error: &ConnectError) -> CommandFailure {
    let advice = match error {
        ConnectError::Corrupt(_) => "; restore it from a backup, or name another file",
        _ => "",
    };
    CommandFailure::database(format!(
        "{} (DATABASE_URL: {}{advice})",
        crate::failure::with_causes(error),
        place(settings)
    ))
}

/// Makes the folder of the database file, where there is none.
fn prepare_folder(path: &Path) -> Result<(), CommandFailure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        CommandFailure::database(format!(
            "cannot make the folder of the database {}: {error} (DATABASE_URL)",
            path.display()
        ))
    })
}

/// Makes or finds the secrets that the settings leave open.
pub(crate) fn provision(settings: &Settings) -> Result<Provisioned, CommandFailure> {
    Ok(settings.provision_secrets(&|bytes| SystemEntropy.fill(bytes))?)
}

/// Builds the engine of a server on this database, and brings its schema up to date.
pub(crate) async fn build(
    settings: &Settings,
    secrets: &Provisioned,
    database: Database,
    mail: Option<MailConfig>,
) -> Result<Doorward, CommandFailure> {
    let secret = secrets.secret_key.expose();
    let builder = configure(Doorward::builder(database), settings, mail)?;
    Ok(builder.secret_key(secret).build().await?)
}

fn configure(
    builder: Builder,
    settings: &Settings,
    mail: Option<MailConfig>,
) -> Result<Builder, CommandFailure> {
    let params = Argon2Params::new(
        settings.password_hash_memory_kib,
        settings.password_hash_iterations,
        settings.password_hash_parallelism,
    )
    .map_err(|error| CommandFailure::settings(format!("PASSWORD_HASH_…: {error}")))?;
    let threads = settings.password_hash_threads.try_into().map_err(|_| {
        CommandFailure::settings("PASSWORD_HASH_THREADS: at least one thread is needed")
    })?;
    let roles: Vec<RoleName> = settings
        .self_assignable_roles
        .iter()
        .map(|role| role.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| CommandFailure::settings(format!("SELF_ASSIGNABLE_ROLES: {error}")))?;
    // What signs access tokens by default is the secret as it stands.
    let Algorithm::Hs256 = settings.algorithm;
    let builder = builder
        .previous_secret_keys(settings.secret_key_previous.iter().map(Secret::expose))
        .issuer(&settings.issuer)
        .access_token_ttl(settings.access_token_ttl)
        .refresh_token_ttl(settings.refresh_token_ttl)
        .session_max_age(settings.session_max_age)
        .sessions_per_account(settings.sessions_per_account)
        .refresh_retry(settings.refresh_retry)
        .hasher(HasherConfig {
            params,
            threads,
            ..HasherConfig::default()
        })
        .self_assignable_roles(roles)
        .rate_limits(rate_limits(settings))
        .lockout(LockoutPolicy {
            threshold: settings.lockout_threshold,
            duration: settings.lockout_duration,
        })
        .password_reset_ttl(settings.password_reset_ttl)
        .email_verification_ttl(settings.email_verification_ttl)
        .reveal_tokens(settings.mail_delivery() == MailDelivery::Kept)
        .registration_reveals(settings.registration_reveals)
        .require_verified_email(settings.require_verified_email)
        .retention(Retention {
            audit_events: settings.audit_retention,
            sessions: settings.session_retention,
            mails: settings.mail_retention,
            ..Retention::default()
        })
        .required_identity(match settings.registration_requires {
            RegistrationRequires::Email => RequiredIdentity::Email,
            RegistrationRequires::Username => RequiredIdentity::Username,
            RegistrationRequires::Both => RequiredIdentity::Both,
            RegistrationRequires::Either => RequiredIdentity::Either,
        });
    let builder = crate::passwords::configure(builder, settings)?;
    let builder = match crate::captcha::configure(settings)? {
        Some(captcha) => builder.captcha(captcha),
        None => builder,
    };
    let builder = match mail {
        Some(mail) => builder.mail(mail),
        None => builder,
    };
    Ok(match &settings.audience {
        Some(audience) => builder.audience(audience),
        None => builder,
    })
}

fn rate_limits(settings: &Settings) -> RateLimits {
    let mut limits = RateLimits::NONE;
    if settings.rate_limit_enabled {
        limits.login = settings.rate_limit_login;
        limits.refresh = settings.rate_limit_refresh;
        limits.registration = settings.rate_limit_registration;
        limits.password_reset = settings.rate_limit_reset;
        limits.verification = settings.rate_limit_verification;
        limits.password_check = settings.rate_limit_password_check;
        limits.mail = settings.rate_limit_mail;
    }
    limits
}
