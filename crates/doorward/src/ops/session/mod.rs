//! Sessions: the tokens that are issued for them, refresh, and their ends.

pub(crate) mod end;
pub(crate) mod issue;
pub(crate) mod list;
pub(crate) mod refresh;

pub use end::EndSessionError;
pub(crate) use end::end_sessions;
pub(crate) use issue::SessionTokens;
pub use issue::TokenPair;
pub use list::Session;
pub use refresh::RefreshError;
