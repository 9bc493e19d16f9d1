//! The commands beside `serve`.

pub(crate) mod config;
pub(crate) mod migrate;
pub(crate) mod openapi;
mod prompt;
pub(crate) mod users;
