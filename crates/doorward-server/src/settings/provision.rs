//! The secrets that a development server makes for itself.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::error::Problem;
use super::keep;
use super::report::{MASK, Source};
use super::table::Settings;
use super::values::choice::Environment;
use super::values::text::Secret;

/// The name of the file of `SECRET_KEY` in the data folder.
const SECRET_KEY_FILE: &str = "secret_key";
/// The name of the file of `FIRST_SUPERUSER_PASSWORD` in the data folder.
const PASSWORD_FILE: &str = "first_superuser_password";
/// 32 signs without those that are easily confused: five bits each, so that none is likelier.
const PASSWORD_SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The secrets that the server runs with.
#[derive(Debug)]
pub(crate) struct Provisioned {
    /// The configured key, or the kept one.
    pub(crate) secret_key: Secret,
    /// The configured password, or the kept one; `None` in production without one.
    pub(crate) first_superuser_password: Option<Secret>,
    /// The secrets that come from the data folder.
    pub(crate) kept: Vec<KeptSecret>,
}

/// A secret in the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptSecret {
    /// The setting that it stands for.
    pub(crate) name: &'static str,
    /// Where it is kept.
    pub(crate) path: PathBuf,
    /// Whether it was made just now; a password is then to be shown, once.
    pub(crate) is_new: bool,
    /// Whether other users of the machine may read the file.
    pub(crate) is_exposed: bool,
}

impl Settings {
    /// The secrets as configured; in development missing ones are read from the data folder, or
    /// made with `fill_random` and kept there (folder mode 0700, files 0600).
    ///
    /// Of two servers that start at once the second takes what the first has made.
    ///
    /// # Errors
    /// When the data folder cannot be made, written or read, or a file in it is empty.
    pub(crate) fn provision_secrets(
        &self,
        fill_random: &dyn Fn(&mut [u8]),
    ) -> Result<Provisioned, Problem> {
        let mut kept = Vec::new();
        let secret_key = match &self.secret_key {
            Some(key) => key.clone(),
            None => self.keep("SECRET_KEY", &mut kept, || hex_key(fill_random))?,
        };
        let first_superuser_password = match (&self.first_superuser_password, self.environment) {
            (Some(password), _) => Some(password.clone()),
            (None, Environment::Production) => None,
            (None, Environment::Development) => {
                Some(self.keep("FIRST_SUPERUSER_PASSWORD", &mut kept, || {
                    readable_password(fill_random)
                })?)
            }
        };
        Ok(Provisioned {
            secret_key,
            first_superuser_password,
            kept,
        })
    }

    /// The key as configured, or in development the one that a server keeps in the data folder;
    /// `None` where there is neither. Makes nothing.
    ///
    /// # Errors
    /// When the file can't be read, or is empty or cut short.
    pub(crate) fn find_secret_key(&self) -> Result<Option<Secret>, Problem> {
        if self.secret_key.is_some() || self.environment == Environment::Production {
            return Ok(self.secret_key.clone());
        }
        let found = keep::find(&self.data_dir.join(SECRET_KEY_FILE)).map_err(|error| {
            let advice = "set SECRET_KEY, or DATA_DIR to another folder";
            Problem::new("SECRET_KEY", format!("{error}; {advice}"))
        })?;
        Ok(found.map(|text| Secret::new(text.as_str())))
    }

    fn keep(
        &self,
        name: &'static str,
        kept: &mut Vec<KeptSecret>,
        make: impl FnOnce() -> Zeroizing<String>,
    ) -> Result<Secret, Problem> {
        let path = self.data_dir.join(file_of(name));
        let found = keep::find_or_create(&path, make).map_err(|error| {
            let advice = format!("set {name}, or DATA_DIR to a folder that can be written");
            Problem::new(name, format!("{error}; {advice}"))
        })?;
        kept.push(KeptSecret {
            name,
            path,
            is_new: found.is_new,
            is_exposed: found.is_exposed,
        });
        Ok(Secret::new(found.text.as_str()))
    }

    /// Lets the report say what [`Settings::provision_secrets`] will find or make.
    pub(super) fn mark_generated(&mut self) {
        if self.environment == Environment::Production {
            return;
        }
        for line in &mut self.lines {
            if line.value.is_some() || file_of(line.name).is_empty() {
                continue;
            }
            let path = self.data_dir.join(file_of(line.name));
            line.source = Source::Generated;
            line.value = path.exists().then(|| MASK.to_owned());
            let state = if path.exists() {
                "kept in"
            } else {
                "will be made at the first start, in"
            };
            line.note = Some(format!("{state} {}", path.display()));
        }
    }
}

/// The file of a setting that can be made; empty for the others.
fn file_of(name: &str) -> &'static str {
    match name {
        "SECRET_KEY" => SECRET_KEY_FILE,
        "FIRST_SUPERUSER_PASSWORD" => PASSWORD_FILE,
        _ => "",
    }
}

/// 256 bits in hexadecimal, as `openssl rand -hex 32` writes them.
fn hex_key(fill_random: &dyn Fn(&mut [u8])) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    fill_random(bytes.as_mut_slice());
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect(),
    )
}

/// Four groups of five signs: 100 bits that can be typed.
fn readable_password(fill_random: &dyn Fn(&mut [u8])) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 20]);
    fill_random(bytes.as_mut_slice());
    let mut password = Zeroizing::new(String::with_capacity(24));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(PASSWORD_SIGNS[usize::from(byte % 32)]));
    }
    password
}
