//! What a write changes that caches may hold, and who is told.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use uuid::Uuid;

use crate::domain::id::{SessionId, UserId};

/// Something that a cache may hold and that a write made stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An account: its fields, roles, state, or its end.
    User(UserId),
    /// A session that ended.
    Session(SessionId),
    /// The definition of a role, so the rights of any number of accounts.
    Roles,
    /// There is mail to send.
    Outbox,
    /// There is a request to carry out that was put off.
    Deferred,
    /// Personal data was deleted that must not stay anywhere.
    Erasure,
}

impl Change {
    /// The change as one word, as replicas send it to each other.
    pub(super) fn encode(self) -> String {
        match self {
            Self::User(id) => format!("u{}", id.as_uuid().simple()),
            Self::Session(id) => format!("s{}", id.as_uuid().simple()),
            Self::Roles => "r".to_owned(),
            Self::Outbox => "m".to_owned(),
            Self::Deferred => "d".to_owned(),
            Self::Erasure => "e".to_owned(),
        }
    }

    /// Reads what [`Change::encode`] wrote.
    pub(super) fn decode(word: &str) -> Option<Self> {
        let (kind, id) = word.split_at_checked(1)?;
        let uuid = || Uuid::try_parse(id).ok();
        match kind {
            "u" => uuid().map(UserId::from_uuid).map(Self::User),
            "s" => uuid().map(SessionId::from_uuid).map(Self::Session),
            "r" if id.is_empty() => Some(Self::Roles),
            "m" if id.is_empty() => Some(Self::Outbox),
            "d" if id.is_empty() => Some(Self::Deferred),
            "e" if id.is_empty() => Some(Self::Erasure),
            _ => None,
        }
    }
}

/// Hears of changes: the caches of an engine.
pub(crate) trait ChangeListener: Send + Sync + Debug {
    /// These changes were committed, or may have been.
    fn forget(&self, changes: &[Change]);

    /// Anything may have changed.
    fn forget_all(&self);

    /// Whether changes made elsewhere are being heard at all; while they are not,
    /// what is cached must not be used.
    fn trust(&self, connected: bool);
}

/// All listeners of one database.
#[derive(Debug)]
pub(super) struct Listeners {
    all: RwLock<Vec<Weak<dyn ChangeListener>>>,
    connected: AtomicBool,
}

impl Listeners {
    /// No listeners yet; `connected` says whether changes made elsewhere are heard already.
    pub(super) fn new(connected: bool) -> Self {
        Self {
            all: RwLock::default(),
            connected: AtomicBool::new(connected),
        }
    }

    pub(super) fn add(&self, listener: &Arc<dyn ChangeListener>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|listener| listener.strong_count() > 0);
        all.push(Arc::downgrade(listener));
        listener.trust(self.connected.load(Ordering::SeqCst));
    }

    pub(super) fn forget(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.tell(|listener| listener.forget(changes));
        }
    }

    pub(super) fn forget_all(&self) {
        self.tell(|listener| listener.forget_all());
    }

    pub(super) fn trust(&self, connected: bool) {
        self.connected.store(connected, Ordering::SeqCst);
        self.tell(|listener| listener.trust(connected));
    }

    fn tell(&self, message: impl Fn(&dyn ChangeListener)) {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter_map(Weak::upgrade)
            .for_each(|listener| message(&*listener));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        for change in [
            Change::User(UserId::from_uuid(id)),
            Change::Session(SessionId::from_uuid(id)),
            Change::Roles,
            Change::Outbox,
            Change::Deferred,
            Change::Erasure,
        ] {
            assert_eq!(Change::decode(&change.encode()), Some(change));
        }
        for other in ["", "u", "x00000000000000000000000000000007", "r1", "é"] {
            assert_eq!(Change::decode(other), None, "{other}");
        }
    }
}
