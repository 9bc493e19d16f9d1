//! Pages of our own: HTML with the files that it loads, embedded in the program.

mod asset;
mod page;

pub(crate) use asset::Asset;
pub(crate) use page::{Page, escape};

/// The type of scripts.
pub(crate) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// The type of style sheets.
pub(crate) const CSS: &str = "text/css; charset=utf-8";
