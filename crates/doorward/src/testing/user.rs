//! Somebody who is logged in.

use std::sync::Arc;

use crate::domain::account::UserSnapshot;
use crate::domain::authz::PermissionMarker;
use crate::domain::caller::{Authenticated, Caller, Permitted};
use crate::domain::origin::Origin;
use crate::ops::session::TokenPair;

/// Somebody who is logged in, as [`TestDoorward`](super::TestDoorward) makes them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::UsersRead;
/// use doorward::testing::TestDoorward;
///
/// let auth = TestDoorward::start().await;
/// let admin = auth.login_as("admin").await;
///
/// // What a request of theirs carries, …
/// assert_eq!(admin.authorization(), format!("Bearer {}", *admin.tokens.access_token));
/// // … and what the engine's own functions ask for.
/// assert_eq!(admin.caller().user_id(), Some(admin.user.id));
/// assert_eq!(auth.list_sessions(&admin.who).await?.len(), 1);
/// let proof = admin.permitted::<UsersRead>();
/// # drop(proof);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TestUser {
    /// The account, as it was when they logged in.
    pub user: Arc<UserSnapshot>,
    /// What the login brought.
    pub tokens: TokenPair,
    /// What their access token proved, for functions of the engine that ask for it.
    pub who: Authenticated,
}

impl TestUser {
    pub(super) fn new(tokens: TokenPair, who: Authenticated) -> Self {
        Self {
            user: Arc::clone(&who.user),
            tokens,
            who,
        }
    }

    /// What the header `Authorization` of their requests says (RFC 6750 §2.1).
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.tokens.access_token.as_str())
    }

    /// They as a caller, from nowhere in particular.
    pub fn caller(&self) -> Caller {
        Caller::user(self.who.clone(), Origin::default())
    }

    /// The proof that they may do `P`.
    ///
    /// # Panics
    /// Where their roles do not permit it.
    #[expect(
        clippy::panic,
        reason = "a role that permits too little fails the test"
    )]
    pub fn permitted<P: PermissionMarker>(&self) -> Permitted<P> {
        self.caller().permit().unwrap_or_else(|_| {
            let roles = &self.user.roles;
            panic!("none of the roles {roles:?} permits {}", P::PERMISSION)
        })
    }
}
