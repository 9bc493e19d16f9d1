//! What the table says of a setting besides its type, and the macro that declares the settings.

/// What the table says of a setting besides its type.
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

/// Declares the settings: the struct, the rows, and the function that reads them all.
///
/// The file that calls it imports the types that stand here: `Reader`, `ReportLine` and `Row`.
macro_rules! declare_settings {
    ($(
        $(#[doc = $doc:literal])+
        $field:ident: $type:ty = $parse:expr,
        $name:literal $(or $alias:literal)?, $default:expr, $shown:expr;
    )+) => {
        /// The settings of one server, checked.
        #[derive(Debug)]
        pub(crate) struct Settings {
            $($(#[doc = $doc])+ pub(crate) $field: $type,)+
            /// What the operator should hear at start, one sentence each.
            pub(crate) warnings: Vec<String>,
            pub(super) lines: Vec<ReportLine>,
        }

        /// Every setting, in the order of the reference.
        pub(super) const ROWS: &[Row] = &[$(
            Row {
                name: $name,
                alias: declare_settings!(@alias $($alias)?),
                default: $default,
                shown: $shown,
                doc: &[$($doc),+],
            },
        )+];

        /// Reads every row; `None` when one was refused, and then `reader` holds the reasons.
        pub(super) fn parse_all(reader: &mut Reader<'_>) -> Option<Settings> {
            $(let $field: Option<$type> = reader.read($name, $parse);)+
            Some(Settings {
                $($field: $field?,)+
                warnings: Vec::new(),
                lines: Vec::new(),
            })
        }
    };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}

pub(super) use declare_settings;
