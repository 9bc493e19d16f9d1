//! `/auth/sessions`: the own devices.

pub(super) mod end;
pub(super) mod end_all;
pub(in crate::api) mod list;
