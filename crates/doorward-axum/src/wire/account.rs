//! The bodies that make or change an account, held against the engine's rules while they
//! are read: what is wrong with a password or a missing name is told with all other faults.

use axum::extract::{FromRef, FromRequest, Request};
use doorward::{
    Doorward, EmailAddress, Password, PasswordPolicy, PasswordRejected, RequiredIdentity, Username,
};

use crate::fields::{FieldFault, Fields, read_json_fields};
use crate::problem::Problem;

/// What the engine asks of accounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRules {
    policy: PasswordPolicy,
    identity: RequiredIdentity,
}

/// A request type that the engine's rules are part of.
pub(crate) trait FromAccountFields: Sized {
    /// Reads the fields; `None` after at least one fault was recorded.
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self>;
}

/// A [`JsonBody`](crate::fields::JsonBody) whose reading knows the engine's rules.
#[derive(Debug)]
pub(crate) struct AccountBody<T>(pub(crate) T);

impl<T, S> FromRequest<S> for AccountBody<T>
where
    T: FromAccountFields,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let rules = AccountRules::of(&Doorward::from_ref(state));
        read_json_fields(request)
            .await?
            .parse_with(|fields| T::from_fields(fields, rules))
            .map(Self)
    }
}

impl AccountRules {
    fn of(engine: &Doorward) -> Self {
        Self {
            policy: engine.password_policy(),
            identity: engine.required_identity(),
        }
    }

    /// A new password that must be there.
    pub(crate) fn required_password(
        self,
        fields: &mut Fields,
        name: &'static str,
    ) -> Option<Password> {
        let password = fields.required(name)?;
        self.checked(fields, name, password)
    }

    /// A new password that may be left out.
    pub(crate) fn optional_password(
        self,
        fields: &mut Fields,
        name: &'static str,
    ) -> Option<Option<Password>> {
        match fields.optional(name)? {
            Some(password) => self.checked(fields, name, password).map(Some),
            None => Some(None),
        }
    }

    fn checked(
        self,
        fields: &mut Fields,
        name: &'static str,
        password: Password,
    ) -> Option<Password> {
        match self.policy.check_password(&password) {
            Ok(()) => Some(password),
            Err(rejected) => fields.refuse(name, rejected.into()),
        }
    }

    /// The names of a new account.
    pub(crate) fn names(
        self,
        fields: &mut Fields,
    ) -> Option<(Option<EmailAddress>, Option<Username>)> {
        use RequiredIdentity as Required;

        let email = fields.optional::<EmailAddress>("email");
        let username = fields.optional::<Username>("username");
        let has_email = email.as_ref().is_none_or(Option::is_some);
        let has_username = username.as_ref().is_none_or(Option::is_some);
        let lacks_email = !has_email
            && match self.identity {
                Required::Email | Required::Both => true,
                Required::Either => !has_username,
                _ => false,
            };
        let lacks_username =
            !has_username && matches!(self.identity, Required::Username | Required::Both);
        if lacks_email {
            fields.refuse::<()>("email", FieldFault::missing());
        }
        if lacks_username {
            fields.refuse::<()>("username", FieldFault::missing());
        }
        Some((email?, username?)).filter(|_| !lacks_email && !lacks_username)
    }
}

impl From<PasswordRejected> for FieldFault {
    fn from(rejected: PasswordRejected) -> Self {
        let kind = match rejected {
            PasswordRejected::TooShort { .. } => "string_too_short",
            PasswordRejected::TooLong { .. } => "string_too_long",
            PasswordRejected::TooCommon => "value_error",
        };
        Self::new(kind, rejected.to_string())
    }
}
