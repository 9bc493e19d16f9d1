//! Who asks, and what they may do.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use super::account::UserSnapshot;
use super::authz::{Permission, PermissionMarker, RoleCatalogue, RoleName};
use super::clock::Timestamp;
use super::id::{SessionId, UserId};
use super::origin::Origin;

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

    /// Whether the caller is an account that may do nothing but manage itself, until its
    /// address is verified.
    pub fn is_restricted(&self) -> bool {
        match &self.actor {
            Actor::User(authenticated) => authenticated.is_restricted(),
            Actor::Anonymous | Actor::Operator => false,
        }
    }

    /// Whether the caller's present roles permit this. Admins may do everything, also what
    /// only the embedding application knows of.
    pub fn is_permitted(&self, permission: &Permission) -> bool {
        match &self.actor {
            Actor::Anonymous => false,
            Actor::User(authenticated) if authenticated.is_restricted() => false,
            Actor::User(authenticated) => {
                self.is_admin() || authenticated.user.permissions.contains(permission)
            }
            Actor::Operator => true,
        }
    }

    fn is_admin(&self) -> bool {
        match &self.actor {
            Actor::Anonymous => false,
            Actor::User(authenticated) => {
                !authenticated.is_restricted()
                    && authenticated.user.roles.contains(&RoleName::ADMIN)
            }
            Actor::Operator => true,
        }
    }

    /// Whether the caller may do at least everything that these roles stand for.
    ///
    /// Who acts on an account or grants a role must: nobody reaches beyond their own
    /// rights by way of another's. What a role means to other services stands in no list of
    /// permissions, so each must also be the caller's own, or rank no higher than theirs.
    pub(crate) fn covers_roles(&self, roles: &[RoleName], catalogue: &RoleCatalogue) -> bool {
        self.is_admin() || roles.iter().all(|role| self.covers_role(role, catalogue))
    }

    fn covers_role(&self, name: &RoleName, catalogue: &RoleCatalogue) -> bool {
        let Some(role) = catalogue.find(name) else {
            return false;
        };
        self.covers(&role.permissions)
            && *name != RoleName::ADMIN
            && (is_common(name)
                || self.own_roles().contains(name)
                || self.reaches_rank(role.rank, catalogue))
    }

    /// Whether the caller may define a role of this rank.
    pub(crate) fn reaches_rank(&self, rank: i64, catalogue: &RoleCatalogue) -> bool {
        let own = self
            .own_roles()
            .iter()
            .filter_map(|name| catalogue.find(name));
        self.is_admin()
            || own
                .map(|role| role.rank)
                .max()
                .is_some_and(|highest| rank <= highest)
    }

    fn own_roles(&self) -> &[RoleName] {
        match &self.actor {
            Actor::Anonymous | Actor::Operator => &[],
            Actor::User(authenticated) if authenticated.is_restricted() => &[],
            Actor::User(authenticated) => &authenticated.user.roles,
        }
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

/// Whether a role is one that everybody has or could have, and so stands for nothing.
fn is_common(name: &RoleName) -> bool {
    *name == RoleName::USER || *name == RoleName::GUEST
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

impl<P: PermissionMarker> Permitted<P> {
    /// Whoever runs the software, who may do everything: for what the application does of its
    /// own accord.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::{NewUser, Permitted};
    ///
    /// let new = NewUser::new("correct horse battery staple").email("anna@example.com".parse()?);
    /// auth.engine().create_user(&Permitted::operator(), new).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn operator() -> Self {
        Self {
            caller: Caller::operator(),
            permission: PhantomData,
        }
    }
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

/// An account that a verified access token speaks for, as it is at this moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Authenticated {
    /// The account, with its present roles.
    pub user: Arc<UserSnapshot>,
    /// The session that the token belongs to.
    pub session: AuthenticatedSession,
    /// Whether an account may use its roles only once its address is verified.
    pub(crate) requires_verified_email: bool,
}

impl Authenticated {
    /// Whether the account may do nothing but manage itself: its address has yet to be
    /// verified, and the builder was told to require that.
    pub fn is_restricted(&self) -> bool {
        self.requires_verified_email && !self.user.is_verified()
    }
}

/// The session that an access token belongs to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuthenticatedSession {
    /// Its id, the token's `sid`.
    pub id: SessionId,
    /// When its owner last showed a password in it: OpenID Connect's `auth_time`.
    pub authenticated_at: Timestamp,
}
