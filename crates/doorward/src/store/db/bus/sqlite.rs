//! Notices the commits of other connections to an SQLite file.
//!
//! `PRAGMA data_version` changes when a connection finds that another one has committed. The
//! writer's own connection looks at it: for any other connection, this server's own commits would
//! be foreign too, and nothing tells them apart, because several commits between two looks change
//! the value once. Every own write would then invalidate all caches.
//!
//! The writer looks five times a second, between its transactions and when it is idle, and also
//! between its tries to get the file's lock, which may take seconds. When it can't look, for example
//! during a slow commit, the last look becomes too old, and requests read the database. More looks
//! would empty the caches too often while two servers write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::ChangeBus;

/// How old the last look may be.
pub(super) const MAX_AGE: Duration = Duration::from_millis(500);
/// How often to look.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// Invalidates all caches when another connection has committed, such as a command beside a
/// running server. SQLite does not report what the commit changed.
pub(in crate::store::db) struct ForeignWrites {
    bus: Arc<ChangeBus>,
    data_version: i64,
    next_look: Instant,
}

impl ForeignWrites {
    /// Looks for the first time.
    pub(in crate::store::db) fn new(
        connection: &Connection,
        bus: Arc<ChangeBus>,
    ) -> rusqlite::Result<Self> {
        let now = Instant::now();
        let data_version = data_version(connection)?;
        bus.record_look(now);
        Ok(Self {
            bus,
            data_version,
            next_look: now + LOOK_INTERVAL,
        })
    }

    /// Returns how long the writer may rest before it must look.
    pub(in crate::store::db) fn until_next_look(&self) -> Duration {
        self.next_look.saturating_duration_since(Instant::now())
    }

    /// Looks for commits of other connections since the last look.
    ///
    /// A look that fails is not recorded. If the next ones fail too, the bus is not current.
    pub(in crate::store::db) fn look(&mut self, connection: &Connection) {
        let now = Instant::now();
        self.next_look = now + LOOK_INTERVAL;
        let Ok(version) = data_version(connection) else {
            return;
        };
        if version != self.data_version {
            self.data_version = version;
            self.bus.receive_unknown();
        }
        self.bus.record_look(now);
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("pragma data_version")?
        .query_row([], |row| row.get(0))
}
