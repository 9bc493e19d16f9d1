//! What travels: the shapes of requests and answers that several endpoints share.

mod account;
mod captcha;
mod fields;
mod names;
mod page;
mod time;
mod user;

pub(crate) use account::{AccountBody, AccountRules, FromAccountFields};
pub(crate) use captcha::CaptchaBody;
pub(crate) use fields::{CaptchaToken, NameHint};
pub(crate) use names::{PermissionText, RoleNameText};
pub(crate) use page::{PageQuery, page_answer};
pub use time::rfc3339;
pub use user::UserBody;
pub(crate) use user::show;

use std::borrow::Cow;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// An answer that says in words what was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(crate) struct MessageBody {
    /// What was done, in words.
    #[schema(example = "Password changed successfully")]
    message: Cow<'static, str>,
    /// Always true: what was not done is a problem with another status.
    success: bool,
}

impl MessageBody {
    pub(crate) fn done(message: impl Into<Cow<'static, str>>) -> Json<Self> {
        Json(Self {
            message: message.into(),
            success: true,
        })
    }
}
