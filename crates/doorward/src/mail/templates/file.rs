//! The files of templates, and the built-in ones.

use crate::domain::mail::MailKind;

/// What the HTML templates have in common.
pub(super) const LAYOUT: &str = "layout.html";

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// The built-in templates: file and source.
        pub(super) const BUILT_IN: &[(&str, &str)] = &[
            (LAYOUT, include_str!("layout.html")),
            $(
                (concat!($name, ".txt"), include_str!(concat!($name, ".txt"))),
                (concat!($name, ".html"), include_str!(concat!($name, ".html"))),
            )+
        ];
    };
}

built_in!(
    "email_verification",
    "password_reset",
    "email_change",
    "already_registered",
    "username_taken",
    "password_changed",
    "email_changed",
    "new_login",
    "account_locked",
    "token_reused",
);

/// Which template a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TemplateFile {
    /// `None`: the layout of all.
    pub(super) kind: Option<MailKind>,
    pub(super) format: Format,
    /// In lower case, its parts joined by `-`; empty for whoever reads another.
    pub(super) language: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    Text,
    Html,
}

impl TemplateFile {
    pub(super) fn of_mail(kind: MailKind, format: Format, language: &str) -> Self {
        Self {
            kind: Some(kind),
            format,
            language: language.to_owned(),
        }
    }

    /// `password_reset.txt`, `de/password_reset.html` or `layout.html`.
    pub(super) fn parse(path: &str) -> Option<Self> {
        if path == LAYOUT {
            let language = String::new();
            return Some(Self {
                kind: None,
                format: Format::Html,
                language,
            });
        }
        let (language, file) = path.split_once('/').unwrap_or(("", path));
        let (name, extension) = file.split_once('.')?;
        let format = match extension {
            "txt" => Format::Text,
            "html" => Format::Html,
            _ => return None,
        };
        let language = if path.contains('/') {
            canonical_language(language)?
        } else {
            String::new()
        };
        Some(Self::of_mail(MailKind::find(name)?, format, &language))
    }

    /// The name under which the environment knows it.
    pub(super) fn name(&self) -> String {
        let Some(kind) = self.kind else {
            return LAYOUT.to_owned();
        };
        let extension = match self.format {
            Format::Text => "txt",
            Format::Html => "html",
        };
        let folder = if self.language.is_empty() { "" } else { "/" };
        format!("{}{folder}{}.{extension}", self.language, kind.as_str())
    }
}

/// A language tag (RFC 5646 §2.1) in lower case. `_` is taken for `-`, as in names of locales.
fn canonical_language(tag: &str) -> Option<String> {
    let tag = tag.to_ascii_lowercase().replace('_', "-");
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let primary = tag.split('-').next()?;
    let is_primary = primary.len() >= 2 && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_primary && tag.split('-').all(is_part)).then_some(tag)
}

/// The languages to look for, the nearest first: the tag itself, then its first part.
pub(super) fn languages(tag: &str) -> Vec<String> {
    let Some(tag) = canonical_language(tag) else {
        return Vec::new();
    };
    let primary = tag.split('-').next().map(str::to_owned);
    let mut languages = vec![tag];
    languages.extend(primary);
    languages.dedup();
    languages
}

/// What a file may be called, for whoever called it otherwise.
pub(super) fn expected() -> String {
    let kinds: Vec<_> = MailKind::ALL.into_iter().map(MailKind::as_str).collect();
    format!(
        "no mail has this template; a file is called {LAYOUT}, or <mail>.txt or <mail>.html, alone or in a folder named \
         after a language such as `de`, where <mail> is one of {}",
        kinds.join(", ")
    )
}
