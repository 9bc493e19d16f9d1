//! The shapes of requests and answers that several endpoints share.

/// Implements `ToSchema` for a type with the schema of another, which has the fields of the body.
macro_rules! documented_as {
    ($type:ty, $shape:ty) => {
        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                <$shape as utoipa::ToSchema>::name()
            }

            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
            ) {
                <$shape as utoipa::ToSchema>::schemas(schemas);
            }
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <$shape as utoipa::PartialSchema>::schema()
            }
        }
    };
}

mod account;
mod captcha;
mod fields;
mod login;
mod new_user;
mod page;
mod registration;
#[cfg(test)]
mod tests;
mod time;
mod tokens;
mod unstored;
mod user;

pub(crate) use account::{AccountBody, AccountRules, FromAccountFields};
pub(crate) use captcha::CaptchaBody;
pub(crate) use fields::{CaptchaToken, NameHint, PermissionText, RoleNameText, read_roles};
pub use login::{LoginBody, LoginFormBody};
pub use new_user::NewUserBody;
pub(crate) use page::{PageQuery, page_answer};
pub use registration::{RegistrationBody, RegistrationWith};
pub use time::rfc3339;
pub(crate) use tokens::TokenAnswer;
pub use tokens::{AccessTokenBody, TokenBody};
pub(crate) use unstored::Unstored;
pub use user::UserBody;
pub(crate) use user::show;

use std::borrow::Cow;

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
    /// Creates the answer to a request that succeeded.
    pub(crate) fn done(message: impl Into<Cow<'static, str>>) -> Unstored<Self> {
        Unstored(Self {
            message: message.into(),
            success: true,
        })
    }
}
