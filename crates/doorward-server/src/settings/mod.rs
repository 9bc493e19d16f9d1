//! The settings of the server: where they come from, which values they accept, what they mean.
//!
//! The server looks for a value in the environment, then in `.env`, then in `doorward.toml`, then in the
//! defaults; the first layer that has it wins. [`table`] declares every setting in one row: its
//! names, its default, its meaning, whether it is secret, and the function that reads it. That
//! row makes the field of [`Settings`], the line of [`Settings::report`] and the entry of
//! [`reference_markdown`].
//!
//! - Every name may have the prefix `DOORWARD_`. Within a layer the prefixed name wins, so that
//!   it overrides a `HOST` or `VERSION` that a shell happens to export.
//! - Every name may end in `_FILE`: the value is then read from that file, without the line
//!   breaks at its end.
//! - An empty value counts as not set.
//! - Two values for one setting within a layer (both names of a pair, or a name and its `_FILE`)
//!   are an error unless they are equal.
//!
//! Nothing here reads the environment of the process, the clock or a random source: they come in
//! through [`Sources`] and [`Settings::provision_secrets`].

mod defaults;
mod error;
mod keep;
mod mail;
mod provision;
mod read;
mod reference;
mod report;
mod row;
mod rules;
mod sample_keys;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use error::{Problem, SettingsErrors};
pub(crate) use mail::MailDelivery;
pub(crate) use provision::Provisioned;
pub(crate) use read::Sources;
pub(crate) use reference::reference_markdown;
pub(crate) use report::ReportLine;
pub(crate) use rules::FIRST_ADMIN_HINT;
pub(crate) use table::Settings;
pub(crate) use values::choice::{
    Algorithm, BreachCheck, CaptchaProvider, Environment, LogFormat, RegistrationRequires,
    SmtpSecurity,
};
pub(crate) use values::text::Secret;

use read::Reader;
use rules::Purpose;

impl Settings {
    /// Reads, checks and combines every layer of `sources`.
    ///
    /// Writes nothing: a `SECRET_KEY` that has to be made is made by
    /// [`Settings::provision_secrets`].
    ///
    /// # Errors
    /// Every fault of every layer at once: a file that cannot be read or understood, an unknown
    /// name in `doorward.toml` or behind `DOORWARD_`, two values for one setting, a value that is
    /// not accepted, and in production a missing or well-known `SECRET_KEY` or too cheap a
    /// password hash.
    pub(crate) fn load(sources: &Sources) -> Result<Settings, SettingsErrors> {
        Self::load_for(Purpose::Serve, sources)
    }

    /// As [`Settings::load`], for a command beside a server, or beside an application that embeds
    /// the engine. `SECRET_KEY` may be missing, and the rules of production do not apply to it.
    ///
    /// # Errors
    /// As [`Settings::load`], but of a `SECRET_KEY` only that the engine rejects it as too short.
    pub(crate) fn load_for_command(sources: &Sources) -> Result<Settings, SettingsErrors> {
        Self::load_for(Purpose::Command, sources)
    }

    fn load_for(purpose: Purpose, sources: &Sources) -> Result<Settings, SettingsErrors> {
        let mut reader = Reader::open(sources, table::ROWS);
        defaults::resolve(&mut reader, sources.cores);
        let parsed = table::parse_all(&mut reader);
        let (mut problems, lines) = reader.finish();
        let Some(mut settings) = parsed.filter(|_| problems.is_empty()) else {
            return Err(SettingsErrors::new(problems));
        };
        settings.resolve_paths(&sources.directory);
        settings.lines = lines;
        rules::check(&settings, purpose, &mut problems);
        if !problems.is_empty() {
            return Err(SettingsErrors::new(problems));
        }
        settings.warnings = rules::warnings(&settings);
        settings.mark_generated();
        Ok(settings)
    }

    /// Returns every setting in the order of the reference, with its origin, and secrets masked.
    pub(crate) fn report(&self) -> &[ReportLine] {
        &self.lines
    }
}
