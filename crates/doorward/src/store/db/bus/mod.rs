//! The change bus: it calls caches and worker signals when a transaction has changed something.
//!
//! A write uses the bus in two steps. [`ChangeBus::prepare`] runs inside the transaction and adds
//! what informs other servers. [`ChangeBus::settle`] runs after the commit and before the caller
//! gets its result; it calls the listeners of this server. A commit with an unknown outcome counts
//! as committed.
//!
//! | database | other servers and connections | limit of [`ChangeBus::is_current`] |
//! |---|---|---|
//! | SQLite in memory | have no access | always current |
//! | SQLite file | [`ForeignWrites`] looks at `PRAGMA data_version` | half a second |
//! | PostgreSQL | [`Link`] receives a `NOTIFY` of each commit | one second |
//!
//! The caches ask the bus whether it is current, instead of being informed that it is not. So a
//! thread or task that stalls, and thus can't inform them, does not leave old data in use.

mod last_look;
mod postgres;
mod sqlite;

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Instant;

use sqlx::PgPool;

use super::change::{Change, ChangeListener, decode, encode};
use super::error::StoreError;
use super::statement::Statement;
use super::tx::Tx;
use last_look::LastLook;
use postgres::Link;

pub(super) use sqlite::ForeignWrites;

const NOTIFY: Statement = Statement::new("changes.notify", "select pg_notify($1, $2)");

/// Connects the transactions of a database with the listeners of all servers that use it.
#[derive(Debug)]
pub(crate) struct ChangeBus {
    transport: Transport,
    listeners: RwLock<Vec<Weak<dyn ChangeListener>>>,
}

/// How the changes of other servers arrive.
#[derive(Debug)]
enum Transport {
    SqliteMemory,
    SqliteFile(LastLook),
    Postgres(Link),
}

impl ChangeBus {
    /// Creates the bus of an SQLite database in memory.
    pub(crate) fn sqlite_memory() -> Self {
        Self::new(Transport::SqliteMemory)
    }

    /// Creates the bus of an SQLite file. Its writer must look for foreign writes.
    pub(super) fn sqlite_file() -> Self {
        Self::new(Transport::SqliteFile(LastLook::new(sqlite::MAX_AGE)))
    }

    /// Creates the bus of a PostgreSQL database. The first listener makes it connect.
    pub(super) fn postgres(pool: PgPool) -> Self {
        Self::new(Transport::Postgres(Link::new(pool)))
    }

    fn new(transport: Transport) -> Self {
        Self {
            transport,
            listeners: RwLock::default(),
        }
    }

    /// Calls `listener` for every change from now on, for as long as it lives.
    ///
    /// # Panics
    /// Outside of a tokio runtime, on PostgreSQL.
    pub(crate) fn watch(self: &Arc<Self>, listener: &Arc<dyn ChangeListener>) {
        {
            let mut all = self
                .listeners
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            all.retain(|listener| listener.strong_count() > 0);
            all.push(Arc::downgrade(listener));
        }
        if let Transport::Postgres(link) = &self.transport {
            link.start(self);
        }
    }

    /// Returns whether the listeners know of all commits, except those of the last moment. If not,
    /// cached data must not be used.
    ///
    /// Every request calls it, so it takes one atomic load and one reading of the clock.
    pub(crate) fn is_current(&self) -> bool {
        self.last_look()
            .is_none_or(|look| look.is_recent(Instant::now()))
    }

    /// `None` if there are no other connections to look for.
    fn last_look(&self) -> Option<&LastLook> {
        match &self.transport {
            Transport::SqliteMemory => None,
            Transport::SqliteFile(last_look) => Some(last_look),
            Transport::Postgres(link) => Some(link.last_look()),
        }
    }

    /// Adds to the transaction what informs other servers once it is committed. Returns the
    /// changes, which [`settle`](Self::settle) must get after the commit.
    ///
    /// An application commits its own transactions, so nothing settles their changes. This server
    /// learns of them in the same way as the others.
    pub(super) async fn prepare(&self, tx: &mut Tx<'_>) -> Result<Vec<Change>, StoreError> {
        let changes = tx.take_changes();
        match &self.transport {
            // The writers of other servers look for commits by themselves.
            Transport::SqliteMemory | Transport::SqliteFile(_) => {}
            Transport::Postgres(_) => {
                for message in encode(&changes) {
                    let values = [postgres::CHANNEL.into(), message.into()];
                    tx.execute(&NOTIFY, &values).await?;
                }
            }
        }
        Ok(changes)
    }

    /// Calls the listeners of this server after a commit, also if its outcome is unknown.
    pub(super) fn settle(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.each_listener(|listener| listener.on_changes(changes));
        }
    }

    /// Settles the changes when the returned guard is dropped. A future that is dropped during its
    /// commit thus settles them as well.
    pub(super) fn settle_on_drop(&self, changes: Vec<Change>) -> SettleOnDrop<'_> {
        SettleOnDrop { bus: self, changes }
    }

    /// Passes a message of another server on.
    fn receive(&self, message: &str) {
        match decode(message) {
            Some(changes) => self.settle(&changes),
            // A newer release has changes that this one does not know.
            None => self.receive_unknown(),
        }
    }

    /// Calls the listeners after commits whose changes are unknown.
    fn receive_unknown(&self) {
        self.each_listener(|listener| listener.on_unknown_changes());
    }

    /// Records that the listeners know of all commits until `at`.
    fn record_look(&self, at: Instant) {
        if let Some(last_look) = self.last_look() {
            last_look.record(at);
        }
    }

    fn each_listener(&self, call: impl Fn(&dyn ChangeListener)) {
        let all = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter_map(Weak::upgrade)
            .for_each(|listener| call(&*listener));
    }
}

/// See [`ChangeBus::settle_on_drop`].
#[must_use]
pub(super) struct SettleOnDrop<'b> {
    bus: &'b ChangeBus,
    changes: Vec<Change>,
}

impl Drop for SettleOnDrop<'_> {
    fn drop(&mut self) {
        self.bus.settle(&self.changes);
    }
}
