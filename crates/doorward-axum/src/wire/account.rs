//! The bodies that make or change an account, held against the engine's rules while they
//! are read: what is wrong with a password or a missing name is told with all other faults.

use axum::extract::{FromRef, FromRequest, Request};
use doorward::{
    Doorward, EmailAddress, Password, PasswordContext, PasswordFault, PasswordRejected,
    RequiredIdentity, Username,
};

use crate::fields::{FieldFault, Fields, read_json_fields};
use crate::problem::Problem;

/// What the engine asks of accounts, and of the one that a body is about.
#[derive(Clone, Debug)]
pub(crate) struct AccountRules {
    engine: Doorward,
    context: PasswordContext,
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
        let fields = read_json_fields(request).await?;
        let rules = AccountRules::of(Doorward::from_ref(state), &fields);
        fields
            .parse_with(|fields| T::from_fields(fields, rules))
            .map(Self)
    }
}

impl AccountRules {
    /// The names that the body holds are known before they are read, as they stand: also next
    /// to a wrong one, a password is held against them.
    fn of(engine: Doorward, fields: &Fields) -> Self {
        let name = |field| fields.peek(field).unwrap_or_default();
        let context = PasswordContext::new()
            .email(name("email"))
            .username(name("username"))
            .full_name(name("full_name"));
        Self { engine, context }
    }

    /// A new password that must be there.
    pub(crate) fn required_password(
        &self,
        fields: &mut Fields,
        name: &'static str,
    ) -> Option<Password> {
        let password = fields.required(name)?;
        self.checked(fields, name, password)
    }

    /// A new password that may be left out.
    pub(crate) fn optional_password(
        &self,
        fields: &mut Fields,
        name: &'static str,
    ) -> Option<Option<Password>> {
        match fields.optional(name)? {
            Some(password) => self.checked(fields, name, password).map(Some),
            None => Some(None),
        }
    }

    fn checked(
        &self,
        fields: &mut Fields,
        name: &'static str,
        password: Password,
    ) -> Option<Password> {
        match self
            .engine
            .password_policy()
            .check_password(&password, &self.context)
        {
            Ok(()) => Some(password),
            Err(rejected) => fields.refuse(name, rejected.into()),
        }
    }

    /// The names of a new account.
    pub(crate) fn names(
        &self,
        fields: &mut Fields,
    ) -> Option<(Option<EmailAddress>, Option<Username>)> {
        use RequiredIdentity as Required;

        let identity = self.engine.required_identity();
        let email = fields.optional::<EmailAddress>("email");
        let username = fields.optional::<Username>("username");
        let has_email = email.as_ref().is_none_or(Option::is_some);
        let has_username = username.as_ref().is_none_or(Option::is_some);
        let lacks_email = !has_email
            && match identity {
                Required::Email | Required::Both => true,
                Required::Either => !has_username,
                _ => false,
            };
        let lacks_username =
            !has_username && matches!(identity, Required::Username | Required::Both);
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
        rejected
            .faults()
            .iter()
            .skip(1)
            .fold(rejected.first().into(), |told: Self, fault| {
                told.and((*fault).into())
            })
    }
}

impl From<PasswordFault> for FieldFault {
    fn from(fault: PasswordFault) -> Self {
        let kind = match fault {
            PasswordFault::TooShort { .. } => "string_too_short",
            PasswordFault::TooLong { .. } => "string_too_long",
            _ => "value_error",
        };
        Self::new(kind, fault.to_string())
    }
}
