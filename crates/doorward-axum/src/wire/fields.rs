//! Reading the engine's types from the fields of a request.

use std::str::FromStr;

use doorward::{
    EmailAddress, FullName, Password, PasswordPolicy, Permission, RoleName, SessionId, UserId,
    Username,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{FieldFault, FieldValue, Fields, FromField};

/// Reads a text that has to be a `T`.
fn parsed<T>(value: FieldValue) -> Result<T, FieldFault>
where
    T: FromStr<Err: std::fmt::Display>,
{
    String::from_field(value)?
        .parse()
        .map_err(|error: T::Err| FieldFault::value_error(&error.to_string()))
}

macro_rules! parsed_fields {
    ($($type:ty),+ $(,)?) => {$(
        impl FromField for $type {
            fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
                parsed(value)
            }
        }
    )+};
}

parsed_fields!(EmailAddress, FullName, Permission, RoleName, Username);

impl FromField for UserId {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        Uuid::from_field(value).map(Self::from_uuid)
    }
}

impl FromField for SessionId {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        Uuid::from_field(value).map(Self::from_uuid)
    }
}

/// Holds the lengths that any password has; what a *new* one must be like is the policy's.
impl FromField for Password {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let text = String::from_field(value)?;
        if text.is_empty() {
            return Err(FieldFault::string_too_short(1));
        }
        if text.len() > PasswordPolicy::MAX_BYTES {
            return Err(FieldFault::new(
                "string_too_long",
                format!(
                    "String should have at most {} bytes",
                    PasswordPolicy::MAX_BYTES
                ),
            ));
        }
        Ok(Self::new(text))
    }
}

/// What a solved captcha is worth, as long as any provider's.
#[derive(Debug)]
pub(crate) struct CaptchaToken(pub(crate) String);

/// The longest [`CaptchaToken`], in bytes.
const LONGEST_CAPTCHA_TOKEN: usize = 4096;

impl FromField for CaptchaToken {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let text = String::from_field(value)?;
        if text.len() > LONGEST_CAPTCHA_TOKEN {
            return Err(FieldFault::string_too_long(LONGEST_CAPTCHA_TOKEN));
        }
        Ok(Self(text))
    }
}

/// A name as somebody is about to type it: of any form, and as long as the longest there is.
#[derive(Debug)]
pub(crate) struct NameHint(pub(crate) String);

/// The longest [`NameHint`], in bytes.
const LONGEST_NAME_HINT: usize = 1024;

impl FromField for NameHint {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let text = String::from_field(value)?;
        if text.len() > LONGEST_NAME_HINT {
            return Err(FieldFault::string_too_long(LONGEST_NAME_HINT));
        }
        Ok(Self(text))
    }
}

/// The name of a role: lower-case letters, digits, `_` and `-`, a letter first.
#[derive(Debug, ToSchema)]
#[schema(as = RoleName, max_length = 50, pattern = "^[a-z][a-z0-9_-]*$", example = "moderator")]
#[expect(
    dead_code,
    reason = "the shape for the document; `RoleName` is what is read"
)]
pub(crate) struct RoleNameText(String);

/// A permission, written `resource:action`.
#[derive(Debug, ToSchema)]
#[schema(
    as = Permission,
    max_length = 64,
    pattern = "^[a-z][a-z0-9_.-]*:[a-z][a-z0-9_.-]*$",
    example = "invoices:send"
)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Permission` is what is read"
)]
pub(crate) struct PermissionText(String);

/// Reads `roles`, or `role`, its short form for a single one.
pub(crate) fn read_roles(fields: &mut Fields) -> Option<Option<Vec<RoleName>>> {
    let role = fields.optional::<RoleName>("role");
    let roles = fields.optional::<Vec<RoleName>>("roles");
    match (role?, roles?) {
        (Some(_), Some(_)) => {
            fields.refuse("role", FieldFault::value_error("send either role or roles"))
        }
        (Some(role), None) => Some(Some(vec![role])),
        (None, roles) => Some(roles),
    }
}
