//! Sessions: what a login opens, a refresh carries on and a logout ends.

mod end;
mod issue;
mod list;
mod refresh;

pub use end::EndSessionError;
pub(crate) use end::end_sessions;
pub(crate) use issue::SessionTokens;
pub use issue::TokenPair;
pub use list::Session;
pub use refresh::RefreshError;
