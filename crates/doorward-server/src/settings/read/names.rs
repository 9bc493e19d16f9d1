//! Which setting a written name means.

use crate::settings::row::Row;

/// The prefix that every name may carry.
pub(super) const PREFIX: &str = "DOORWARD_";
/// The ending of names whose value is the path of a file.
const FILE_SUFFIX: &str = "_FILE";

/// What a written name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// The first name of the setting.
    pub(super) setting: &'static str,
    /// Whether it was written with `DOORWARD_`.
    pub(super) prefixed: bool,
    /// Whether it was written with `_FILE`.
    pub(super) from_file: bool,
}

/// Returns the setting of `rows` that `written` names, in upper case.
pub(super) fn find_name(rows: &[Row], written: &str) -> Option<Name> {
    let (bare, prefixed) = match written.strip_prefix(PREFIX) {
        Some(bare) => (bare, true),
        None => (written, false),
    };
    let whole = find_setting(rows, bare).map(|setting| Name {
        setting,
        prefixed,
        from_file: false,
    });
    whole.or_else(|| {
        let setting = find_setting(rows, bare.strip_suffix(FILE_SUFFIX)?)?;
        Some(Name {
            setting,
            prefixed,
            from_file: true,
        })
    })
}

fn find_setting(rows: &[Row], name: &str) -> Option<&'static str> {
    rows.iter()
        .find(|row| row.names().any(|known| known == name))
        .map(|row| row.name)
}

/// Returns the message for an unknown name, with the known name that resembles it most, if one
/// does. `write` turns a known name into what the user would write.
pub(super) fn unknown(rows: &[Row], written: &str, write: impl Fn(&str) -> String) -> String {
    let upper = written.to_uppercase();
    let bare = upper.strip_prefix(PREFIX).unwrap_or(&upper);
    let distance = |known: &str| strsim::damerau_levenshtein(bare, known);
    let nearest = rows
        .iter()
        .flat_map(Row::names)
        .min_by_key(|known| distance(known));
    match nearest.filter(|known| distance(known) <= (known.len() / 3).max(2)) {
        Some(known) => format!("there is no such setting; did you mean {}?", write(known)),
        None => "there is no such setting; `doorward config` lists those there are".to_owned(),
    }
}

/// Returns whether a variable of the environment describes a service called `doorward`, and is no
/// setting: Kubernetes and Docker links put such variables into every container.
pub(super) fn is_service_link(name: &str, value: Option<&str>) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    let is_url = value.is_some_and(|value| {
        ["tcp://", "udp://", "sctp://"]
            .iter()
            .any(|scheme| value.starts_with(scheme))
    });
    let numbered = rest
        .strip_prefix("PORT_")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (rest == "PORT" && is_url) || numbered || rest.starts_with("SERVICE_")
}
