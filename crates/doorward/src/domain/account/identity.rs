//! Which names an account must have, and that no two accounts have the same.

use super::{EmailAddress, Username};

/// Which names an account must have. It may always have both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequiredIdentity {
    /// An e-mail address.
    #[default]
    Email,
    /// A username.
    Username,
    /// Both of them.
    Both,
    /// One of them, whichever.
    Either,
}

impl RequiredIdentity {
    /// Whether every account has what tokens call it by.
    pub(crate) fn covers(self, subject: TokenSubject) -> bool {
        match subject {
            TokenSubject::UserId => true,
            TokenSubject::Username => matches!(self, Self::Username | Self::Both),
            TokenSubject::Email => matches!(self, Self::Email | Self::Both),
        }
    }
}

/// What access tokens call an account by: their `sub`.
///
/// It is for other services. The engine itself finds the account by the session, which every
/// token names too: a name in a token never decides whose it is, however much it looks like
/// another account's name or id.
///
/// An id is the same for as long as the account exists, and never another's. A name may be
/// changed and then taken by somebody else: tokens that are out keep the old one until they
/// expire, and have the new one from the next refresh on. Services that know accounts by name
/// must live with that, so [`access_token_ttl`](crate::Builder::access_token_ttl) is to be short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenSubject {
    /// The id.
    #[default]
    UserId,
    /// The username, as its owner wrote it.
    Username,
    /// The e-mail address, as its owner wrote it.
    ///
    /// Anybody can register an address that nobody has yet: where other services take it for
    /// more than a name, it is to be verified first
    /// ([`require_verified_email`](crate::Builder::require_verified_email)). Until then such an
    /// account is called by its id.
    Email,
}

/// Why an account can't have these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRejected {
    /// Another account has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// An e-mail address is required, and was not given.
    #[error("an e-mail address is required")]
    EmailMissing,
    /// A username is required, and was not given.
    #[error("a username is required")]
    UsernameMissing,
}

/// Whether an account with these names has those that it must have.
pub(crate) fn check_identity(
    required: RequiredIdentity,
    email: Option<&EmailAddress>,
    username: Option<&Username>,
) -> Result<(), IdentityRejected> {
    use RequiredIdentity as Required;

    match required {
        Required::Email | Required::Both if email.is_none() => Err(IdentityRejected::EmailMissing),
        Required::Username | Required::Both if username.is_none() => {
            Err(IdentityRejected::UsernameMissing)
        }
        Required::Either if email.is_none() && username.is_none() => {
            Err(IdentityRejected::EmailMissing)
        }
        _ => Ok(()),
    }
}
