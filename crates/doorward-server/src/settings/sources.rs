//! What settings are read from.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Everything that reading the settings depends on, handed in so that it can be replaced.
pub(crate) struct Sources {
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) directory: PathBuf,
    pub(super) cores: usize,
}

impl Sources {
    /// `environment` as `std::env::vars_os()` gives it; `directory` holds `.env` and
    /// `doorward.toml`, and every relative path starts there; `cores` is the default of
    /// `PASSWORD_HASH_THREADS`.
    pub(crate) fn new(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        directory: impl Into<PathBuf>,
        cores: usize,
    ) -> Self {
        Self {
            environment: environment.into_iter().collect(),
            directory: directory.into(),
            cores,
        }
    }
}

// The environment holds secrets of this service and of others.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("directory", &self.directory)
            .field("cores", &self.cores)
            .finish_non_exhaustive()
    }
}
