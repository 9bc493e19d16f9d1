//! What the environment decides.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use doorward::{DatabaseUrl, RoleName, SecretKey};

pub(crate) struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database_url: DatabaseUrl,
    pub(crate) secret_key: SecretKey,
    /// Whoever has this role is let into the back office.
    pub(crate) back_office_role: RoleName,
}

impl Settings {
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let secret_key = env::var("SECRET_KEY")
            .map_err(|_| "SECRET_KEY is missing: 32 characters or more that nobody can guess")?;
        Ok(Self {
            host: read("HOST", "127.0.0.1")?,
            port: read("PORT", "8000")?,
            database_url: read("DATABASE_URL", "sqlite:existing_app.db")?,
            secret_key: secret_key.into(),
            back_office_role: read("BACK_OFFICE_ROLE", "support")?,
        })
    }
}

fn read<T: FromStr<Err: Display>>(name: &str, default: &str) -> Result<T, String> {
    let text = env::var(name).unwrap_or_else(|_| default.to_owned());
    text.parse().map_err(|error| format!("{name}: {error}"))
}
