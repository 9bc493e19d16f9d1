//! Mail to the owners of accounts: what is written into the outbox, and how it gets out.
//!
//! A letter is kept as its kind and its facts, and turned into text when it is sent: with
//! the templates and in the language of that moment.

pub(crate) mod delivery;
pub(crate) mod letter;
pub(crate) mod outbox;

pub use delivery::Delivery;
pub use outbox::{MailInOutbox, OutboxCount};
