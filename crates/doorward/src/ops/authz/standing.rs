//! A caller as they stand inside a transaction.

use std::sync::Arc;

use crate::domain::authz::RoleCatalogue;
use crate::domain::caller::{Actor, Authenticated, Caller};
use crate::domain::clock::Timestamp;
use crate::store::db::{StoreError, Tx};
use crate::store::{rights, roles, sessions, users};

/// A caller with the rights that they have at the moment of the write, not at that of the
/// request: a body may arrive, and a password be hashed, long after the token was verified.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) caller: Caller,
    pub(crate) catalogue: RoleCatalogue,
}

/// Why a caller has no standing.
#[derive(Debug)]
pub(crate) enum NoStanding {
    /// Their session has ended, or their account is deactivated or gone.
    Revoked,
    /// The database did not tell.
    Unknown(StoreError),
}

impl From<StoreError> for NoStanding {
    fn from(error: StoreError) -> Self {
        Self::Unknown(error)
    }
}

impl Standing {
    /// Looks the caller up once more, inside the transaction that acts for them.
    pub(crate) async fn of(
        tx: &mut Tx<'_>,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Self, NoStanding> {
        if let Actor::User(who) = &caller.actor {
            rights::hold(tx, who.user.id, who.session.id).await?;
        }
        let catalogue = RoleCatalogue::new(roles::list(tx).await?);
        let actor = match &caller.actor {
            Actor::User(who) => Actor::User(still_authenticated(tx, who, &catalogue, now).await?),
            Actor::Anonymous => Actor::Anonymous,
            Actor::Operator => Actor::Operator,
        };
        let caller = Caller {
            actor,
            origin: caller.origin.clone(),
        };
        Ok(Self { caller, catalogue })
    }
}

async fn still_authenticated(
    tx: &mut Tx<'_>,
    who: &Authenticated,
    catalogue: &RoleCatalogue,
    now: Timestamp,
) -> Result<Authenticated, NoStanding> {
    let session = sessions::find(tx, who.session.id).await?;
    let user = users::find(tx, who.user.id).await?;
    let (Some(session), Some(user)) = (session, user) else {
        return Err(NoStanding::Revoked);
    };
    let is_live = session.user_id == user.id
        && session.epoch == user.session_epoch
        && session.revoked_at.is_none()
        && session.ends_at > now;
    if is_live && user.deactivated_at.is_none() {
        Ok(Authenticated {
            user: Arc::new(user.into_snapshot(catalogue)),
            session: who.session,
            requires_verified_email: who.requires_verified_email,
        })
    } else {
        Err(NoStanding::Revoked)
    }
}

/// Lets `?` turn a caller without standing into an operation's `Revoked`.
macro_rules! fails_without_standing {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::ops::authz::NoStanding> for $error {
            fn from(reason: $crate::ops::authz::NoStanding) -> Self {
                match reason {
                    $crate::ops::authz::NoStanding::Revoked => Self::Revoked,
                    $crate::ops::authz::NoStanding::Unknown(error) => error.into(),
                }
            }
        }
    )+};
}

pub(crate) use fails_without_standing;
