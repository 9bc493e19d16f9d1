//! The reader threads.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::{Location, connect, execute_plain};
use super::{Job, QUEUE, Threads};
use crate::store::db::error::{ConnectError, StoreError};

/// How long a read may take. There are few readers, and other reads wait for them.
const READ_LIMIT: Duration = Duration::from_secs(4);
/// How many steps of a statement SQLite runs between two checks of the time: about a millisecond.
const STEPS_PER_LOOK: i32 = 10_000;

/// Starts the reader threads, and returns their queue.
pub(super) fn spawn(
    location: &Location,
    count: usize,
    threads: &mut Threads,
) -> Result<SyncSender<Box<dyn Job>>, ConnectError> {
    let (sender, jobs) = sync_channel::<Box<dyn Job>>(QUEUE);
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..count.max(1) {
        let mut connection = connect(location)?;
        let jobs = Arc::clone(&jobs);
        threads.spawn("doorward-reader", move || {
            loop {
                let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(job) = next else { return };
                read_once(&mut connection, job, READ_LIMIT);
            }
        })?;
    }
    Ok(sender)
}

/// Runs a read on one snapshot of the data. A statement that exceeds the limit is interrupted.
pub(super) fn read_once(connection: &mut Connection, mut job: Box<dyn Job>, limit: Duration) {
    if !job.is_wanted() {
        return;
    }
    if let Err(error) = execute_plain(connection, "begin") {
        return job.answer(Err(error));
    }
    let limited = limit_to(connection, Some(limit));
    if limited.is_ok() {
        job.run(connection);
    }
    // The limit must not interrupt the rollback.
    let unlimited = limit_to(connection, None);
    // A read has nothing to commit.
    drop(execute_plain(connection, "rollback"));
    job.answer(limited.and(unlimited));
}

/// Makes SQLite interrupt every statement that runs past `limit` from now. `None` removes the limit.
fn limit_to(connection: &Connection, limit: Option<Duration>) -> Result<(), StoreError> {
    let deadline = limit.map(|limit| Instant::now() + limit);
    let is_over = deadline.map(|deadline| move || Instant::now() >= deadline);
    Ok(connection.progress_handler(STEPS_PER_LOOK, is_over)?)
}
