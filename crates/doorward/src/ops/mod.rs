//! What the engine does, by subject. An operation is a function over the engine.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod authn;
pub(crate) mod authz;
pub(crate) mod cached;
pub(crate) mod data_keys;
pub(crate) mod failing;
pub(crate) mod jobs;
pub(crate) mod mail;
pub(crate) mod maintenance;
pub(crate) mod session;
