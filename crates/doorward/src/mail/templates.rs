//! What mails say: the built-in templates, and those that an operator puts in their place.

mod context;
mod file;

use std::collections::HashSet;
use std::fmt;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, escape_formatter};

use super::plain;
use crate::domain::mail::{MailFacts, MailKind};
use file::{BUILT_IN, Format, LAYOUT, TemplateFile};

/// The templates of all mails.
///
/// They are written in the language of Jinja. Each mail has two: `<kind>.txt` begins with a
/// line `Subject: …` and an empty line, then comes the plain text; `<kind>.html` is the same
/// mail as HTML. In a folder named after a language (`de/password_reset.txt`) they are for
/// those who read it. `layout.html` is what the HTML templates have in common.
///
/// Templates know `service`, `language`, `name`, `link`, `token`, `valid_for` ("24 hours"),
/// `valid_for_hours`, `valid_for_minutes` (rounded down), `ip`, `device` ("Firefox on Linux"),
/// `occurred_at` (`2026-11-21 04:44:35 UTC`) and `new_address`. What a mail does not have
/// is false in an `if`, and empty.
///
/// ```
/// use doorward::{MailFacts, MailKind, Templates};
///
/// let templates = Templates::new("Example")
///     .with_override("de/password_changed.txt", "Subject: Neues Passwort\n\nFür {{ service }}.")?;
/// let facts = MailFacts::default();
/// let mail = templates.render(MailKind::PasswordChanged, Some("de-AT"), &facts)?;
/// assert_eq!(mail.subject, "Neues Passwort");
/// assert_eq!(mail.text, "Für Example.\n");
/// assert_eq!(mail.html, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Templates {
    service: String,
    environment: Environment<'static>,
    overridden: HashSet<TemplateFile>,
}

/// A mail as it is read. `Debug` shows the name alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderedMail {
    /// One line of at most 150 characters.
    pub subject: String,
    /// The plain text; lines end in `\n`.
    pub text: String,
    /// The same as HTML. `None` where the text is an operator's own and no HTML came with
    /// it: the built-in HTML would say something else, in another language.
    pub html: Option<String>,
}

/// Why an operator's template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
#[non_exhaustive]
pub struct InvalidTemplate {
    /// The file, as it was named.
    pub file: String,
    /// What is wrong, with the line where it is known.
    pub reason: String,
}

/// Why a mail could not be put into words. It names the template, and nothing of the facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mail template {file} failed in line {line}")]
#[non_exhaustive]
pub struct TemplateError {
    /// The template's file.
    pub file: String,
    /// The line, 0 where it is not known.
    pub line: usize,
}

impl Templates {
    /// The built-in templates, in English, for a service of this name.
    #[must_use]
    pub fn new(service: &str) -> Self {
        let mut environment = empty_environment();
        // Parsed when they are needed, which for most servers is not at the start.
        environment.set_loader(|name| {
            let built_in = BUILT_IN.iter().find(|(file, _)| *file == name);
            Ok(built_in.map(|(_, source)| (*source).to_owned()))
        });
        Self {
            service: plain::one_line(service),
            environment,
            overridden: HashSet::new(),
        }
    }

    /// Puts `source` in the place of the template `file`: `password_reset.txt`, or
    /// `de/password_reset.html` for a language, or `layout.html`.
    ///
    /// It is rendered with invented facts at once, so that a mistake shows now. The HTML of
    /// a language is used where its text is there as well.
    ///
    /// # Errors
    /// [`InvalidTemplate`] where no mail has this name, where `source` is not Jinja, names
    /// what templates do not know or fails with the invented facts, where a text has no
    /// subject, and where a mail that is there for its link holds neither link nor token.
    pub fn with_override(mut self, file: &str, source: &str) -> Result<Self, InvalidTemplate> {
        let invalid = |reason: String| InvalidTemplate {
            file: file.to_owned(),
            reason,
        };
        let parsed = TemplateFile::parse(file).ok_or_else(|| invalid(file::expected()))?;
        self.environment
            .add_template_owned(parsed.name(), source.to_owned())
            .map_err(|error| invalid(describe(&error)))?;
        self.check_names(&parsed).map_err(invalid)?;
        if parsed.kind.is_none() && !source.contains("block body") {
            return Err(invalid("it holds no `{% block body %}`".to_owned()));
        }
        self.check_samples(&parsed).map_err(invalid)?;
        self.overridden.insert(parsed);
        Ok(self)
    }

    /// The HTML files that are not used, because the text of their language is not there.
    #[must_use]
    pub fn list_html_without_text(&self) -> Vec<String> {
        let is_lone = |file: &&TemplateFile| {
            let text = file
                .kind
                .map(|kind| TemplateFile::of_mail(kind, Format::Text, &file.language));
            let is_in_language = file.format == Format::Html && !file.language.is_empty();
            is_in_language && text.is_some_and(|text| !self.overridden.contains(&text))
        };
        let lone = self.overridden.iter().filter(is_lone);
        let mut names: Vec<_> = lone.map(TemplateFile::name).collect();
        names.sort();
        names
    }

    /// Puts the mail into words. `language` is a tag such as `de-AT`: the templates of that
    /// language are used, else those of `de`, else those of no language.
    ///
    /// # Errors
    /// [`TemplateError`] where a template fails on these facts.
    pub fn render(
        &self,
        kind: MailKind,
        language: Option<&str>,
        facts: &MailFacts,
    ) -> Result<RenderedMail, TemplateError> {
        let (text, html) = self.choose(kind, language);
        let context = context::of(kind, &self.service, &text.language, facts);
        let (subject, text) = self
            .render_text(&text, &context)
            .map_err(|error| failed(&text, &error))?;
        let html = html.map(|file| {
            self.render_html(&file, &context)
                .map_err(|error| failed(&file, &error))
        });
        let html = html.transpose()?;
        Ok(RenderedMail {
            subject: if subject.is_empty() {
                self.service.clone()
            } else {
                subject
            },
            text,
            html,
        })
    }

    /// The templates of the nearest language that has a text, and the HTML that belongs to it.
    fn choose(
        &self,
        kind: MailKind,
        language: Option<&str>,
    ) -> (TemplateFile, Option<TemplateFile>) {
        let has = |file: &TemplateFile| self.overridden.contains(file);
        let languages = language.map(file::languages).unwrap_or_default();
        for language in languages {
            let text = TemplateFile::of_mail(kind, Format::Text, &language);
            if has(&text) {
                let html = TemplateFile::of_mail(kind, Format::Html, &language);
                return (text, Some(html).filter(has));
            }
        }
        let text = TemplateFile::of_mail(kind, Format::Text, "");
        let html = TemplateFile::of_mail(kind, Format::Html, "");
        let is_pair = has(&html) || !has(&text);
        (text, is_pair.then_some(html))
    }

    fn render_text(
        &self,
        file: &TemplateFile,
        context: &Value,
    ) -> Result<(String, String), minijinja::Error> {
        let template = self.environment.get_template(&file.name())?;
        let rendered = plain::body(&template.render(context)?);
        let (first, rest) = rendered
            .trim_start()
            .split_once('\n')
            .unwrap_or((&rendered, ""));
        let subject = first.strip_prefix("Subject:").ok_or_else(|| {
            minijinja::Error::new(
                ErrorKind::InvalidOperation,
                "the first line must be `Subject: …`",
            )
        })?;
        Ok((plain::subject(subject), plain::paragraphs(rest)))
    }

    fn render_html(
        &self,
        file: &TemplateFile,
        context: &Value,
    ) -> Result<String, minijinja::Error> {
        let template = self.environment.get_template(&file.name())?;
        Ok(plain::body(&template.render(context)?))
    }

    /// Names that no template knows, also where the invented facts do not lead.
    fn check_names(&self, file: &TemplateFile) -> Result<(), String> {
        let template = self.environment.get_template(&file.name());
        let template = template.map_err(|error| describe(&error))?;
        let globals: HashSet<_> = self.environment.globals().map(|(name, _)| name).collect();
        let mut unknown: Vec<_> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !context::NAMES.contains(&name.as_str()))
            .filter(|name| !globals.contains(name.as_str()))
            .collect();
        unknown.sort();
        match unknown.first() {
            None => Ok(()),
            Some(name) => Err(format!(
                "`{name}` is not known; templates know {}",
                context::NAMES.join(", ")
            )),
        }
    }

    /// Renders what this file is a part of, with everything there and with as little as
    /// can be.
    fn check_samples(&self, file: &TemplateFile) -> Result<(), String> {
        let Some(kind) = file.kind else {
            return MailKind::ALL.into_iter().try_for_each(|kind| {
                self.check_samples(&TemplateFile::of_mail(kind, Format::Html, ""))
            });
        };
        for facts in [context::full_sample(), context::least_sample(kind)] {
            let context = context::of(kind, &self.service, &file.language, &facts);
            let rendered = match file.format {
                Format::Text => self.render_text(file, &context),
                Format::Html => self
                    .render_html(file, &context)
                    .map(|html| ("-".to_owned(), html)),
            };
            let (subject, body) = rendered.map_err(|error| describe(&error))?;
            if subject.is_empty() {
                return Err("the subject is empty".to_owned());
            }
            if kind.carries_link() && !body.contains(context::SAMPLE_TOKEN) {
                return Err("it holds neither `link` nor `token`".to_owned());
            }
        }
        Ok(())
    }
}

/// An environment in which a name that is not known is an error, and a fact that is not
/// there is an empty text.
fn empty_environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_formatter(|out, state, value| {
        if value.is_none() {
            Ok(())
        } else {
            escape_formatter(out, state, value)
        }
    });
    environment
}

/// What is wrong, for whoever wrote the template: the facts behind it are invented ones.
fn describe(error: &minijinja::Error) -> String {
    let reason = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    match (error.name(), error.line()) {
        (Some(LAYOUT), Some(line)) => format!("{reason} (line {line} of {LAYOUT})"),
        (_, Some(line)) => format!("{reason} (line {line})"),
        (_, None) => reason,
    }
}

fn failed(file: &TemplateFile, error: &minijinja::Error) -> TemplateError {
    TemplateError {
        file: error.name().map_or_else(|| file.name(), str::to_owned),
        line: error.line().unwrap_or(0),
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Templates");
        shown
            .field("overridden", &self.overridden.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RenderedMail(..)")
    }
}

#[cfg(test)]
mod tests;
