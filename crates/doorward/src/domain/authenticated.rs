//! What the engine knows of a caller whose access token it has verified.

use std::sync::Arc;

use super::account::UserSnapshot;
use super::clock::Timestamp;
use super::id::SessionId;

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
