//! What is known of a setting besides its type.

/// What is known of a setting besides its type.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) alias: Option<&'static str>,
    pub(super) default: DefaultText,
    pub(super) shown: Shown,
    /// The lines of the comment, each with its leading space.
    pub(super) doc: &'static [&'static str],
}

impl Row {
    /// Returns the names of the setting, without prefix or suffix.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.alias)
    }
}

/// The default of a setting.
#[derive(Debug, Clone, Copy)]
pub(super) enum DefaultText {
    /// This text; empty means not set.
    Fixed(&'static str),
    /// Computed from other settings, as this phrase says.
    Depends(&'static str),
}

/// How `doorward config` shows a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is.
    Plain,
    /// As a URL whose password is masked.
    Url,
    /// Never.
    Secret,
}
