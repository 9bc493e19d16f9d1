//! What the settings say of passwords.

mod breach_file;

use std::path::Path;
use std::sync::Arc;

use doorward::{BreachedPasswords, Builder, HttpClientError, PasswordPolicy, RangeQuery};

use crate::failure::CommandFailure;
use crate::settings::{BreachCheck, Settings};
use breach_file::BreachFile;

/// Tells the engine what passwords must be like.
pub(crate) fn configure(builder: Builder, settings: &Settings) -> Result<Builder, CommandFailure> {
    let builder = builder.password_policy(PasswordPolicy {
        min_length: settings.password_min_length,
        service_name: settings.project_name.clone(),
        require: settings.password_require.clone(),
        min_score: settings.password_min_score,
    });
    Ok(match breached_passwords(settings)? {
        Some(breached) => builder.breached_passwords(breached),
        None => builder,
    })
}

fn breached_passwords(
    settings: &Settings,
) -> Result<Option<Arc<dyn BreachedPasswords>>, CommandFailure> {
    Ok(match settings.password_breach_check {
        BreachCheck::Off => None,
        BreachCheck::Online => Some(Arc::new(range_query(&settings.password_breach_url)?)),
        BreachCheck::File => Some(Arc::new(file(settings)?)),
    })
}

fn range_query(url: &str) -> Result<RangeQuery, CommandFailure> {
    RangeQuery::new(url).map_err(|error| {
        let setting = match error {
            HttpClientError::InvalidUrl => "PASSWORD_BREACH_URL",
            _ => "PASSWORD_BREACH_CHECK",
        };
        CommandFailure::settings(format!("{setting}: {error}"))
    })
}

fn file(settings: &Settings) -> Result<BreachFile, CommandFailure> {
    // That there is a path was checked with the settings.
    let path = settings
        .password_breach_file
        .as_deref()
        .unwrap_or(Path::new(""));
    BreachFile::open(path).map_err(|error| {
        CommandFailure::settings(format!(
            "PASSWORD_BREACH_FILE: {} can't be used: {error}",
            path.display()
        ))
    })
}
