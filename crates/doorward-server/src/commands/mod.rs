//! The commands beside `serve`.

pub(crate) mod config;
pub(crate) mod mail;
pub(crate) mod migrate;
pub(crate) mod openapi;
mod prompt;
pub(crate) mod users;

use doorward::{Caller, PermissionMarker, Permitted};

use crate::failure::CommandFailure;

/// The proof that whoever runs the command line may do this, as they may do anything.
fn operator<P: PermissionMarker>() -> Result<Permitted<P>, CommandFailure> {
    Caller::operator()
        .permit()
        .map_err(|error| CommandFailure::refused(error.to_string()))
}
