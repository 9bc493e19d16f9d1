//! What the engine speaks of: types, and rules that need nothing but their arguments.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod authz;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod entropy;
pub(crate) mod failure;
pub(crate) mod id;
pub(crate) mod jobs;
pub(crate) mod limits;
pub(crate) mod lockout;
pub(crate) mod mail;
pub(crate) mod one_time_token;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod password;
pub(crate) mod retention;
pub(crate) mod secret;
pub(crate) mod words;
