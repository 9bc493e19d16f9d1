//! Keeps in the process what most requests need from the database, until it changes.
//!
//! A write of this server invalidates its entries before its caller gets the result. For the
//! writes of other servers, see [`ChangeBus::is_current`].

mod generation;

use std::sync::Arc;

use crate::domain::account::UserSnapshot;
use crate::domain::authz::RoleCatalogue;
use crate::domain::clock::Timestamp;
use crate::domain::id::{SessionId, UserId};
use crate::store::db::{Change, ChangeBus, ChangeListener};

pub(crate) use generation::{FillPermit, GenerationCache};

/// How many entries each cache holds at the most.
///
/// ```
/// assert_eq!(doorward::CacheSizes::default().tokens, 10_000);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CacheSizes {
    /// Verified access tokens, of about 700 bytes each. Default: 10,000.
    pub tokens: usize,
    /// Sessions, of about 100 bytes each. Default: 50,000.
    pub sessions: usize,
    /// Accounts, of about 1,000 bytes each. Default: 10,000.
    pub users: usize,
}

impl Default for CacheSizes {
    fn default() -> Self {
        Self {
            tokens: 10_000,
            sessions: 50_000,
            users: 10_000,
        }
    }
}

/// What an access token says, after its signature was verified.
///
/// It is valid as long as the token's times say, unless a key that verifies tokens is removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedToken {
    /// `None` where the token calls the account by a name, which only its session can tell.
    pub(crate) user: Option<UserId>,
    pub(crate) session: SessionId,
    pub(crate) not_before: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// What authentication needs to know of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CachedSession {
    pub(crate) user: UserId,
    /// The account's epoch at login.
    pub(crate) epoch: i64,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) revoked: bool,
}

impl CachedSession {
    /// Whether the session is live, in this epoch of its account's sessions.
    pub(crate) fn is_live(&self, epoch: i64, now: Timestamp) -> bool {
        !self.revoked && self.ends_at > now && self.epoch == epoch
    }
}

/// The caches of one engine.
#[derive(Debug)]
pub(crate) struct Caches {
    /// With the key set's count of removals before the verification.
    tokens: quick_cache::sync::Cache<Box<str>, (VerifiedToken, u64)>,
    sessions: GenerationCache<SessionId, CachedSession>,
    users: GenerationCache<UserId, Arc<UserSnapshot>>,
    roles: GenerationCache<(), Arc<RoleCatalogue>>,
    bus: Arc<ChangeBus>,
}

impl Caches {
    /// Creates empty caches. They must listen to the changes of `bus`.
    pub(crate) fn new(sizes: CacheSizes, bus: Arc<ChangeBus>) -> Self {
        Self {
            tokens: quick_cache::sync::Cache::new(sizes.tokens),
            sessions: GenerationCache::new(sizes.sessions),
            users: GenerationCache::new(sizes.users),
            roles: GenerationCache::new(1),
            bus,
        }
    }

    /// Returns access to the data from the database, unless changes by other servers may be
    /// missing. The access is valid until the next read of the database.
    pub(crate) fn if_current(&self) -> Option<CurrentCaches<'_>> {
        self.bus.is_current().then_some(CurrentCaches(self))
    }

    /// Finds a token that was verified since a key was last removed. `removals` is the present
    /// count of the key set.
    ///
    /// The whole token is compared, under a hash that is seeded at random: what is not
    /// the very same text is not found, and how long that takes tells nothing.
    pub(crate) fn find_token(&self, token: &str, removals: u64) -> Option<VerifiedToken> {
        let (verified, counted) = self.tokens.get(token)?;
        (counted == removals).then_some(verified)
    }

    /// Keeps a verified token. `removals` is the count of the key set that verified it.
    pub(crate) fn fill_token(&self, token: &str, verified: VerifiedToken, removals: u64) {
        self.tokens.insert(token.into(), (verified, removals));
    }

    pub(crate) fn begin_session_fill(&self, id: SessionId) -> FillPermit {
        self.sessions.begin_fill(&id)
    }

    pub(crate) fn fill_session(&self, id: SessionId, session: CachedSession, permit: FillPermit) {
        self.sessions.fill(id, session, permit);
    }

    pub(crate) fn begin_user_fill(&self, id: UserId) -> FillPermit {
        self.users.begin_fill(&id)
    }

    pub(crate) fn fill_user(&self, user: Arc<UserSnapshot>, permit: FillPermit) {
        self.users.fill(user.id, user, permit);
    }

    pub(crate) fn begin_roles_fill(&self) -> FillPermit {
        self.roles.begin_fill(&())
    }

    pub(crate) fn fill_roles(&self, roles: Arc<RoleCatalogue>, permit: FillPermit) {
        self.roles.fill((), roles, permit);
    }
}

/// Caches that are known to be current at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentCaches<'c>(&'c Caches);

impl CurrentCaches<'_> {
    pub(crate) fn find_session(self, id: SessionId) -> Option<CachedSession> {
        self.0.sessions.find(&id)
    }

    pub(crate) fn find_user(self, id: UserId) -> Option<Arc<UserSnapshot>> {
        self.0.users.find(&id)
    }

    pub(crate) fn find_roles(self) -> Option<Arc<RoleCatalogue>> {
        self.0.roles.find(&())
    }
}

impl ChangeListener for Caches {
    fn on_changes(&self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::User(id) => self.users.invalidate(id),
                Change::Session(id) => self.sessions.invalidate(id),
                // An account includes the permissions of its roles. The roles are invalidated
                // first, so that no account is built from the old ones afterwards.
                Change::Roles => {
                    self.roles.invalidate(&());
                    self.users.invalidate_all();
                }
                Change::Keys | Change::Jobs(_) | Change::Erasure => {}
            }
        }
    }

    fn on_unknown_changes(&self) {
        self.roles.invalidate_all();
        self.sessions.invalidate_all();
        self.users.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::secret::SecretKey;
    use crate::keys::KeyRing;

    #[test]
    fn removed_key_ends_what_it_verified_and_added_keys_end_nothing() {
        let (secret, previous) = (SecretKey::from("new"), SecretKey::from("old"));
        let ring = KeyRing::from_secrets(&secret, &[previous]).unwrap();
        let bus = Arc::new(ChangeBus::sqlite_memory());
        let caches = Caches::new(CacheSizes::default(), bus);
        let verified = VerifiedToken {
            user: None,
            session: SessionId::from_uuid(Uuid::nil()),
            not_before: Timestamp::from_millis(0),
            expires_at: Timestamp::from_millis(1),
        };
        let is_found = |token| caches.find_token(token, ring.removals()).is_some();
        // Taken before the verification, as `authenticate` does.
        let before = ring.current();
        caches.fill_token("early", verified, before.removals);
        ring.add_data_keys_for_test();
        assert!(is_found("early"));
        ring.remove_previous();
        assert!(!is_found("early"));
        caches.fill_token("verified before, kept after", verified, before.removals);
        assert!(!is_found("verified before, kept after"));
        caches.fill_token("late", verified, ring.current().removals);
        assert!(is_found("late"));
    }
}
