//! The types of values, and how their text is read: one small function for each kind of value.
//!
//! Each function takes the text and returns the value, or the words that follow the name of the
//! setting in the error: what was expected. The words never repeat the text, which may be secret;
//! the caller adds it where it may be shown.

pub(super) mod choice;
pub(super) mod network;
pub(super) mod number;
pub(super) mod text;
