//! The writer thread.
//!
//! The writer opens a transaction for the first job in the queue. The jobs that wait behind it join
//! the transaction, each in a savepoint of its own, and one commit serves all of them: one wait for
//! the disk, however many writers there are. A caller gets its result after the commit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::connection::{BUSY_TIMEOUT, execute_plain};
use super::{Job, QUEUE};
use crate::store::db::bus::{ChangeBus, ForeignWrites};
use crate::store::db::change::Change;
use crate::store::db::error::StoreError;

/// The maximum number of jobs in one commit. It bounds how long the first one waits.
const LARGEST_BATCH: usize = 256;
/// How long one try to get the file's lock takes at most. Between two tries the writer looks for
/// the commits of the connection that holds the lock.
const LOCK_TRY: Duration = Duration::from_millis(100);
/// The pause between two tries to wipe the log.
const WIPE_INTERVAL: Duration = Duration::from_millis(250);

pub(super) struct Writer {
    connection: Connection,
    pub(super) jobs: Receiver<Box<dyn Job>>,
    bus: Arc<ChangeBus>,
    foreign_writes: ForeignWrites,
    /// How long a write waits for another connection that holds the file's lock.
    pub(super) lock_timeout: Duration,
    /// Whether the log may still hold erased data.
    log_remembers: bool,
    next_wipe: Instant,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        jobs: Receiver<Box<dyn Job>>,
        bus: Arc<ChangeBus>,
    ) -> rusqlite::Result<Self> {
        let foreign_writes = ForeignWrites::new(&connection, Arc::clone(&bus))?;
        connection.busy_timeout(LOCK_TRY)?;
        Ok(Self {
            connection,
            jobs,
            bus,
            foreign_writes,
            lock_timeout: BUSY_TIMEOUT,
            // A process that crashed may have left such a log.
            log_remembers: true,
            next_wipe: Instant::now() + WIPE_INTERVAL,
        })
    }

    pub(super) fn run(mut self) {
        loop {
            match self
                .jobs
                .recv_timeout(self.foreign_writes.until_next_look())
            {
                Ok(first) => self.commit_together(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.foreign_writes.until_next_look().is_zero() {
                self.foreign_writes.look(&self.connection);
            }
            if self.log_remembers && Instant::now() >= self.next_wipe {
                self.wipe_log();
            }
        }
    }

    /// Runs and commits `first` and the jobs that wait behind it in one transaction.
    pub(super) fn commit_together(&mut self, first: Box<dyn Job>) {
        if let Err(error) = self.begin() {
            return self.refuse_together(first, &error.into());
        }
        let (batch, whole) = self.run_together(first);
        let committed = match whole {
            Ok(()) => self.commit(),
            Err(error) => {
                self.undo();
                Err(describe(&error))
            }
        };
        for job in &batch {
            self.log_remembers |= job.changes().contains(&Change::Erasure);
            self.bus.settle(job.changes());
        }
        for job in batch {
            job.answer(committed.clone().map_err(StoreError::unavailable));
        }
    }

    /// Begins the transaction, with the file's lock. Looks for foreign writes while another
    /// connection holds the lock.
    fn begin(&mut self) -> rusqlite::Result<()> {
        let deadline = Instant::now() + self.lock_timeout;
        loop {
            let begun = self
                .connection
                .prepare_cached("begin immediate")
                .and_then(|mut statement| statement.execute([]));
            match begun {
                Err(error) if is_busy(&error) => {
                    self.foreign_writes.look(&self.connection);
                    if Instant::now() >= deadline {
                        return Err(error);
                    }
                }
                begun => return begun.map(drop),
            }
        }
    }

    /// Rejects `first` and all jobs that wait behind it. Otherwise each of them would wait for the
    /// locked file in turn, as long as the first did.
    fn refuse_together(&self, first: Box<dyn Job>, error: &StoreError) {
        first.answer(Err(told_again(error)));
        for job in self.jobs.try_iter().take(QUEUE) {
            job.answer(Err(told_again(error)));
        }
    }

    /// Runs `first` and the jobs that wait behind it. Returns the jobs that ran, and whether they
    /// can be committed.
    fn run_together(&mut self, first: Box<dyn Job>) -> (Vec<Box<dyn Job>>, Result<(), StoreError>) {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            if job.is_wanted() {
                let apart = run_in_savepoint(&mut self.connection, &mut *job);
                batch.push(job);
                if apart.is_err() {
                    return (batch, apart);
                }
            }
            // A full disk rolls the whole transaction back. Then no other job may join.
            if batch.len() < LARGEST_BATCH && !self.connection.is_autocommit() {
                next = self.jobs.try_recv().ok();
            }
        }
        (batch, Ok(()))
    }

    /// Commits the transaction. If that fails, rolls it back and returns the reason.
    fn commit(&self) -> Result<(), String> {
        if self.connection.is_autocommit() {
            return Err("the transaction was rolled back by the database".to_owned());
        }
        execute_plain(&self.connection, "commit").map_err(|error| {
            self.undo();
            describe(&error)
        })
    }

    fn undo(&self) {
        // SQLite may have rolled it back by itself.
        if !self.connection.is_autocommit() {
            drop(execute_plain(&self.connection, "rollback"));
        }
    }

    /// Copies the log into the file and empties it, because the log holds the erased data until
    /// then.
    ///
    /// Does not wait for readers of older data, because all writers would wait too. It tries again
    /// later.
    fn wipe_log(&mut self) {
        let is_busy = self
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| truncate_log(&self.connection));
        self.log_remembers = !matches!(is_busy, Ok(false));
        drop(self.connection.busy_timeout(LOCK_TRY));
        self.next_wipe = Instant::now() + WIPE_INTERVAL;
    }
}

/// Runs a job in a savepoint, and rolls back to it if the job fails.
///
/// Returns an error if the rollback fails. Then the transaction must not be committed.
fn run_in_savepoint(connection: &mut Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    if execute_plain(connection, "savepoint job").is_err() {
        // The job did not run, and its result says so.
        return Ok(());
    }
    let kept = job.run(connection);
    // SQLite rolled the whole transaction back, and the savepoint with it. The commit reports it.
    if connection.is_autocommit() {
        return Ok(());
    }
    if !kept {
        execute_plain(connection, "rollback to job")?;
    }
    execute_plain(connection, "release job")
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Returns whether another connection prevented it.
fn truncate_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))
}

/// Copies an error for one more caller.
fn told_again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Constraint(constraint) => StoreError::Constraint(*constraint),
        StoreError::Unavailable(source) => StoreError::unavailable(source.to_string()),
        StoreError::Internal(source) => StoreError::internal(source.to_string()),
    }
}

fn describe(error: &StoreError) -> String {
    use std::error::Error as _;
    error
        .source()
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
