//! The templates of mails: the built-in ones, and the files that take their place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use doorward::Templates;

use crate::failure::CommandFailure;
use crate::settings::Settings;

/// Larger than any mail should be, in bytes.
const LARGEST_TEMPLATE: u64 = 256 * 1024;
/// What the others are made on, and so is read before them.
const LAYOUT: &str = "layout.html";

/// The templates of this server.
pub(super) fn read(settings: &Settings) -> Result<Templates, CommandFailure> {
    let mut templates = Templates::new(&settings.project_name);
    let Some(folder) = &settings.mail_templates_dir else {
        return Ok(templates);
    };
    let files = list(folder).map_err(|error| unreadable(folder, &error))?;
    for name in files {
        let path = folder.join(&name);
        let source = read_file(&path).map_err(|error| unreadable(&path, &error))?;
        templates = templates
            .with_override(&name, &source)
            .map_err(|error| refused(&path, error.reason))?;
    }
    Ok(templates)
}

/// The templates of the folder and of the folders in it, as the engine names them. Other files
/// (a README, a backup of an editor) are passed over.
fn list(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for (name, path) in entries(folder)? {
        if path.is_dir() && !name.starts_with('.') {
            let inner = entries(&path)?.into_iter();
            let inner = inner.filter(|(file, path)| path.is_file() && is_template(file));
            names.extend(inner.map(|(file, _)| format!("{name}/{file}")));
        } else if path.is_file() && is_template(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name != LAYOUT, name.clone()));
    Ok(names)
}

fn entries(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // What is not text is no name of a template.
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, entry.path()));
        }
    }
    Ok(entries)
}

fn is_template(name: &str) -> bool {
    let is_hidden = name.starts_with('.');
    !is_hidden && (name.ends_with(".txt") || name.ends_with(".html"))
}

fn read_file(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST_TEMPLATE {
        let message = format!("it is larger than {LARGEST_TEMPLATE} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    fs::read_to_string(path)
}

fn unreadable(path: &Path, error: &io::Error) -> CommandFailure {
    refused(path, format!("cannot be read: {error}"))
}

fn refused(path: &Path, reason: impl std::fmt::Display) -> CommandFailure {
    CommandFailure::settings(format!("MAIL_TEMPLATES_DIR: {}: {reason}", path.display()))
}
