//! Who asks, and from where.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::net::IpAddr;

use super::permission::{Permission, PermissionMarker};
use super::role::{RoleCatalogue, RoleName};
use crate::authn::Authenticated;
use crate::id::UserId;

/// The longest text of a client's that is kept, in characters.
const LONGEST_TEXT: usize = 256;

/// Where a request came from, as the audit trail and the list of sessions show it.
///
/// ```
/// use doorward::Origin;
///
/// let origin = Origin::default().with_user_agent("curl/8.5\u{7}");
/// assert_eq!(origin.user_agent(), Some("curl/8.5"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Origin {
    ip: Option<IpAddr>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl Origin {
    /// The same, with the client's address.
    #[must_use]
    pub fn with_ip(mut self, ip: IpAddr) -> Self {
        self.ip = Some(ip.to_canonical());
        self
    }

    /// The same, with what the client says it is: cut to 256 characters, without control characters.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = Some(printable(user_agent));
        self
    }

    /// The same, with the request's id: cut to 256 characters, without control characters.
    #[must_use]
    pub fn with_request_id(mut self, request_id: &str) -> Self {
        self.request_id = Some(printable(request_id));
        self
    }

    /// The client's address; one of IPv4 is never dressed as IPv6.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// What the client says it is.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The request's id.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

fn printable(text: &str) -> String {
    let printable = text.chars().filter(|character| !character.is_control());
    printable.take(LONGEST_TEXT).collect()
}

/// Who asks for something.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Actor {
    /// Nobody in particular: whoever registers or logs in.
    Anonymous,
    /// An account, by a verified access token.
    User(Authenticated),
    /// Whoever runs the software: the command line, or the embedding application itself.
    /// Is permitted everything.
    Operator,
}

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
}

/// The caller may not do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("insufficient privileges")]
pub struct Denied;

impl Caller {
    /// Nobody in particular, from `origin`.
    pub fn anonymous(origin: Origin) -> Self {
        Self {
            actor: Actor::Anonymous,
            origin,
        }
    }

    /// An account, from `origin`.
    pub fn user(user: Authenticated, origin: Origin) -> Self {
        Self {
            actor: Actor::User(user),
            origin,
        }
    }

    /// Whoever runs the software.
    pub fn operator() -> Self {
        Self {
            actor: Actor::Operator,
            origin: Origin::default(),
        }
    }

    /// The id of the account that asks, if one does.
    pub fn user_id(&self) -> Option<UserId> {
        match &self.actor {
            Actor::User(authenticated) => Some(authenticated.user.id),
            Actor::Anonymous | Actor::Operator => None,
        }
    }

    /// Whether the caller's present roles permit this. Admins may do everything, also what
    /// only the embedding application knows of.
    pub fn is_permitted(&self, permission: &Permission) -> bool {
        match &self.actor {
            Actor::Anonymous => false,
            Actor::User(authenticated) => {
                self.is_admin() || authenticated.user.permissions.contains(permission)
            }
            Actor::Operator => true,
        }
    }

    fn is_admin(&self) -> bool {
        match &self.actor {
            Actor::Anonymous => false,
            Actor::User(authenticated) => authenticated.user.roles.contains(&RoleName::admin()),
            Actor::Operator => true,
        }
    }

    /// Whether the caller may do at least everything that these roles allow.
    ///
    /// Who acts on an account or grants a role must: nobody reaches beyond their own
    /// rights by way of another's. A role that permits all that is listed does not make
    /// up for being an admin.
    pub(crate) fn covers_roles(&self, roles: &[RoleName], catalogue: &RoleCatalogue) -> bool {
        let reaches_admins = self.is_admin() || !roles.contains(&RoleName::admin());
        reaches_admins && self.covers(&catalogue.permissions_of(roles))
    }

    /// Whether the caller may do at least everything in `permissions`, as who defines a
    /// role must.
    pub(crate) fn covers(&self, permissions: &BTreeSet<Permission>) -> bool {
        permissions
            .iter()
            .all(|permission| self.is_permitted(permission))
    }

    /// Proves that the caller's present roles permit `P`.
    ///
    /// # Errors
    /// [`Denied`] where they do not.
    pub fn permit<P: PermissionMarker>(self) -> Result<Permitted<P>, Denied> {
        if self.is_permitted(&P::PERMISSION) {
            Ok(Permitted {
                caller: self,
                permission: PhantomData,
            })
        } else {
            Err(Denied)
        }
    }
}

/// A caller that was found to have the permission `P`.
///
/// Operations that need a permission ask for this proof instead of checking: there
/// is no way to call them without.
#[derive(Clone, Debug)]
pub struct Permitted<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Permitted<P> {
    /// Who was permitted.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who was permitted.
    pub fn into_caller(self) -> Caller {
        self.caller
    }
}
