//! A file that holds one secret, made once, whoever comes first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Starts at the same moment, with remnants of crashed ones, that still find a name.
const MOST_DRAFTS: usize = 1000;

/// What a file of a secret holds.
pub(super) struct Kept {
    pub(super) text: Zeroizing<String>,
    pub(super) is_new: bool,
    pub(super) is_exposed: bool,
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeepError {
    #[error("the folder {} cannot be made: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the file {} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the file {} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the file {} is empty or cut short: delete it to have a new one made", path.display())]
    Incomplete { path: PathBuf },
}

/// The secret in the file at `path`; without one, what `make` gives is written there first.
///
/// The text is written and synced under another name and then linked to `path`, which fails when
/// somebody else was faster: then theirs is read. Nobody ever sees half a file.
pub(super) fn find_or_create(
    path: &Path,
    make: impl FnOnce() -> Zeroizing<String>,
) -> Result<Kept, KeepError> {
    if let Some(text) = find(path)? {
        return Ok(Kept {
            text,
            is_new: false,
            is_exposed: is_exposed(path),
        });
    }
    let text = make();
    if create(path, &text)? {
        return Ok(Kept {
            text,
            is_new: true,
            is_exposed: false,
        });
    }
    let text = find(path)?.ok_or_else(|| KeepError::Incomplete {
        path: path.to_owned(),
    })?;
    Ok(Kept {
        text,
        is_new: false,
        is_exposed: is_exposed(path),
    })
}

/// The secret in the file at `path`, if there is one. A line break ends every complete file.
pub(super) fn find(path: &Path) -> Result<Option<Zeroizing<String>>, KeepError> {
    let content = match fs::read_to_string(path) {
        Ok(content) => Zeroizing::new(content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(KeepError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    match content.strip_suffix('\n') {
        Some(text) if !text.trim().is_empty() => Ok(Some(Zeroizing::new(text.to_owned()))),
        _ => Err(KeepError::Incomplete {
            path: path.to_owned(),
        }),
    }
}

/// Whether this call made the file; false when it was there already.
fn create(path: &Path, text: &str) -> Result<bool, KeepError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder).map_err(|source| KeepError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    write_once(folder, path, text).map_err(|source| KeepError::Write {
        path: path.to_owned(),
        source,
    })
}

fn write_once(folder: &Path, path: &Path, text: &str) -> io::Result<bool> {
    let draft = write_draft(path, text)?;
    let outcome = publish(&draft, path, text);
    fs::remove_file(&draft)?;
    let is_new = outcome?;
    sync_folder(folder)?;
    Ok(is_new)
}

/// Writes under the first name that nobody has taken: a process number would not do, because every
/// container has a process 1.
fn write_draft(path: &Path, text: &str) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut outcome = Err(io::ErrorKind::AlreadyExists.into());
    for number in 0..MOST_DRAFTS {
        let draft = path.with_file_name(format!(".{name}.draft-{number}"));
        outcome = write_new(&draft, text).map(|()| draft);
        match &outcome {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            _ => break,
        }
    }
    outcome
}

fn publish(draft: &Path, path: &Path, text: &str) -> io::Result<bool> {
    match fs::hard_link(draft, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Some file systems have no links; there a reader in between sees an incomplete file, and
        // says so.
        Err(_) => match write_new(path, text) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            written => written.map(|()| true),
        },
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_options().open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(unix)]
fn private_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// Makes the folder for its owner alone; one that is there stays as it is.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}
