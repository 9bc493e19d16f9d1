//! What somebody types to say who they are.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

use crate::domain::account::{EmailAddress, Username};

/// What somebody typed to say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginIdentifier {
    /// An e-mail address.
    Email(EmailAddress),
    /// A username.
    Username(Username),
    /// Neither: no account can have it, and the attempt costs what any other does.
    Unknown(UnknownName),
}

/// A name that no account can have, as a hash: it may be a password in the wrong field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UnknownName([u8; 32]);

impl LoginIdentifier {
    /// Reads what was typed; usernames have no `@`, so that it is never ambiguous.
    pub fn parse(text: &str) -> Self {
        if let Ok(email) = text.parse() {
            return Self::Email(email);
        }
        let name = text.trim();
        name.parse()
            .map_or_else(|_| Self::Unknown(UnknownName::of(name)), Self::Username)
    }

    /// The kind of name and the form in which names are compared.
    pub(crate) fn canonical(&self) -> (&'static str, &[u8]) {
        match self {
            Self::Email(email) => ("email", email.canonical().as_bytes()),
            Self::Username(username) => ("username", username.canonical().as_bytes()),
            Self::Unknown(name) => ("unknown", &name.0),
        }
    }
}

impl UnknownName {
    fn of(text: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, text.to_lowercase().as_bytes()).as_ref());
        Self(hash)
    }
}

impl fmt::Debug for UnknownName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UnknownName(..)")
    }
}
