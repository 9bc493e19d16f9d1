//! Which setting a written name means.

use crate::settings::table::{ROWS, Row};

/// The prefix that every name may carry.
pub(super) const PREFIX: &str = "DOORWARD_";
/// The ending of names whose value is the path of a file.
pub(super) const FILE_SUFFIX: &str = "_FILE";

/// A written name, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// The first name of the setting.
    pub(super) setting: &'static str,
    /// Whether it was written with `DOORWARD_`.
    pub(super) prefixed: bool,
    /// Whether it was written with `_FILE`.
    pub(super) from_file: bool,
}

/// The setting that `written` names, in upper case.
pub(super) fn find_name(written: &str) -> Option<Name> {
    let (bare, prefixed) = match written.strip_prefix(PREFIX) {
        Some(bare) => (bare, true),
        None => (written, false),
    };
    let whole = find_setting(bare).map(|setting| Name {
        setting,
        prefixed,
        from_file: false,
    });
    whole.or_else(|| {
        let setting = find_setting(bare.strip_suffix(FILE_SUFFIX)?)?;
        Some(Name {
            setting,
            prefixed,
            from_file: true,
        })
    })
}

fn find_setting(name: &str) -> Option<&'static str> {
    ROWS.iter()
        .find(|row| names_of(row).any(|known| known == name))
        .map(|row| row.name)
}

fn names_of(row: &'static Row) -> impl Iterator<Item = &'static str> {
    std::iter::once(row.name).chain(row.alias)
}

/// What is said of an unknown name: the known one that resembles it most, if one does.
pub(super) fn unknown(written: &str, write: impl Fn(&str) -> String) -> String {
    let upper = written.to_uppercase();
    let bare = upper.strip_prefix(PREFIX).unwrap_or(&upper);
    let distance = |known: &str| strsim::damerau_levenshtein(bare, known);
    let nearest = ROWS
        .iter()
        .flat_map(names_of)
        .min_by_key(|known| distance(known));
    match nearest.filter(|known| distance(known) <= (known.len() / 3).max(2)) {
        Some(known) => format!("there is no such setting; did you mean {}?", write(known)),
        None => "there is no such setting; `doorward config` lists those there are".to_owned(),
    }
}
