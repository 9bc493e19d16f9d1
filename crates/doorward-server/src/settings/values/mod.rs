//! How the text of a value is read: one small function for each kind of value.
//!
//! Each takes the text and answers with the value, or with the words that follow the name of the
//! setting in the error: what was expected. The words never repeat the text, which may be secret;
//! the caller adds it where it may be shown.

pub(super) mod choice;
pub(super) mod database;
pub(super) mod link;
pub(super) mod log_filter;
pub(super) mod network;
pub(super) mod number;
pub(super) mod origin;
pub(super) mod rate;
pub(super) mod text;
