//! SQLite: one writer thread with group commit, and reader threads beside it.
//!
//! A write is a job in a queue. The writer opens a transaction for the first, lets
//! those that wait join it, each in a savepoint of its own, and commits once for
//! all: one wait for the disk, however many writers. Nobody is answered before it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::change::{Change, Listeners};
use super::error::{ConnectError, StoreError};
use super::statement::Statement;
use super::value::{Row, Value};
use super::{BoxFuture, Tx};

#[cfg(test)]
mod tests;

/// How many writers one commit serves at most: it bounds how long the first one waits.
const LARGEST_BATCH: usize = 256;
/// How many jobs may wait; more are refused at once.
const QUEUE: usize = 4096;
/// How often the writer looks whether another process wrote to the file.
const FOREIGN_WRITES_EVERY: Duration = Duration::from_millis(250);
/// How long a write waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a read may take: there are few readers, and others wait for them.
const READ_LIMIT: Duration = Duration::from_secs(4);
/// How many steps of a statement pass between two looks at the time: a millisecond or so.
const STEPS_PER_LOOK: i32 = 10_000;
/// Statements that each connection keeps compiled.
const STATEMENT_CACHE: usize = 96;

/// Where the data is.
#[derive(Clone, Debug)]
pub(super) enum Location {
    File(PathBuf),
    Memory,
}

#[derive(Debug)]
pub(super) struct Engine {
    // In the order in which they go: a queue before the threads that it ends, and the
    // readers before the writer. Of two connections that close at once each may take the
    // other for the last, and leave the log where it is.
    /// None in memory, where one connection is all there can be.
    readers: Option<SyncSender<Box<dyn Job>>>,
    _reading: Threads,
    writer: SyncSender<Box<dyn Job>>,
    _writing: Threads,
    /// As SQLite itself says where it is; none in memory.
    #[cfg(feature = "sqlx-sqlite")]
    file: Option<String>,
}

/// Waits for its threads when it is dropped. The last connection that is closed copies the
/// log into the file, which is then all there is to back up.
#[derive(Debug, Default)]
struct Threads(Vec<JoinHandle<()>>);

impl Threads {
    fn spawn(
        &mut self,
        name: &str,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<(), ConnectError> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(body)
            .map_err(|error| ConnectError::Unreachable(Box::new(error)))?;
        self.0.push(thread);
        Ok(())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        let this_thread = std::thread::current().id();
        for thread in self.0.drain(..) {
            // A job may hold the last handle of the database, and no thread waits for itself.
            if thread.thread().id() != this_thread {
                drop(thread.join());
            }
        }
    }
}

impl Engine {
    /// Opens the database and starts its threads; they end when the engine is dropped.
    pub(super) fn open(
        location: &Location,
        readers: usize,
        listeners: Arc<Listeners>,
    ) -> Result<Self, ConnectError> {
        let connection = connect(location)?;
        #[cfg(feature = "sqlx-sqlite")]
        let file = connection.path().map(str::to_owned);
        // Before the queues, so that they are dropped after them.
        let (mut writing, mut reading) = (Threads::default(), Threads::default());
        let (writer, jobs) = sync_channel(QUEUE);
        let commits = Writer::new(connection, jobs, listeners).map_err(refused)?;
        writing.spawn("doorward-writer", move || commits.run())?;
        let readers = match location {
            Location::Memory => None,
            Location::File(_) => Some(spawn_readers(location, readers, &mut reading)?),
        };
        Ok(Self {
            readers,
            _reading: reading,
            writer,
            _writing: writing,
            #[cfg(feature = "sqlx-sqlite")]
            file: file.filter(|path| !path.is_empty()),
        })
    }

    /// The file, by the path that every connection to it tells; none in memory.
    #[cfg(feature = "sqlx-sqlite")]
    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        submit(&self.writer, job).await
    }

    pub(super) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        submit(self.readers.as_ref().unwrap_or(&self.writer), job).await
    }
}

async fn submit<T, E, F>(queue: &SyncSender<Box<dyn Job>>, body: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (job, answer) = pending(body);
    queue.try_send(job).map_err(|error| {
        StoreError::unavailable(match error {
            TrySendError::Full(_) => "too many writes wait for the database",
            TrySendError::Disconnected(_) => "the database's thread has ended",
        })
    })?;
    answer
        .await
        .map_err(|_| StoreError::unavailable("the database's thread has ended"))?
}

/// A job that runs `body`, and where its answer arrives.
fn pending<T, E, F>(body: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (sender, answer) = oneshot::channel();
    let job = Pending {
        body: Some(body),
        result: None,
        changes: Vec::new(),
        sender,
    };
    (Box::new(job), answer)
}

/// A unit of work for a database thread.
trait Job: Send {
    /// Whether somebody still waits for the answer. Who has gone was told that nothing was
    /// done, so nothing is to be done.
    fn is_wanted(&self) -> bool;
    /// Runs the body; tells whether what it wrote is to be kept.
    fn run(&mut self, connection: &mut Connection) -> bool;
    /// What the body changed, to be forgotten by caches once it is committed.
    fn changes(&self) -> &[Change];
    /// Sends the body's result, or why it could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Pending<F, T, E> {
    body: Option<F>,
    result: Option<Result<T, E>>,
    changes: Vec<Change>,
    sender: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Pending<F, T, E>
where
    T: Send,
    E: From<StoreError> + Send,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.sender.is_closed()
    }

    fn run(&mut self, connection: &mut Connection) -> bool {
        let Some(body) = self.body.take() else {
            return false;
        };
        let mut tx = Tx::sqlite(connection);
        let result = catch_unwind(AssertUnwindSafe(|| finish_at_once(body(&mut tx))))
            .unwrap_or_else(|_| Err(StoreError::internal("a transaction panicked").into()));
        self.changes = tx.into_changes();
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn changes(&self) -> &[Change] {
        &self.changes
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::internal("a transaction did not run").into()),
            (Err(error), _) => Err(error.into()),
        };
        // The caller may have gone away; what was committed stays committed.
        drop(self.sender.send(result));
    }
}

/// Runs a future that only awaits statements, which on SQLite are ready at once.
fn finish_at_once<T, E: From<StoreError>>(mut future: BoxFuture<'_, Result<T, E>>) -> Result<T, E> {
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::internal(
            "a transaction awaited something else than a statement",
        )
        .into()),
    }
}

struct Writer {
    connection: Connection,
    jobs: Receiver<Box<dyn Job>>,
    listeners: Arc<Listeners>,
    data_version: i64,
    looked_at: Instant,
    /// Whether what was erased may still be in the log.
    log_remembers: bool,
}

impl Writer {
    fn new(
        connection: Connection,
        jobs: Receiver<Box<dyn Job>>,
        listeners: Arc<Listeners>,
    ) -> rusqlite::Result<Self> {
        let data_version = data_version(&connection)?;
        Ok(Self {
            connection,
            jobs,
            listeners,
            data_version,
            looked_at: Instant::now(),
            // A process that crashed may have left it so.
            log_remembers: true,
        })
    }

    fn run(mut self) {
        loop {
            match self.jobs.recv_timeout(FOREIGN_WRITES_EVERY) {
                Ok(first) => self.commit_together(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.looked_at.elapsed() >= FOREIGN_WRITES_EVERY {
                self.notice_foreign_writes();
                self.wipe_log();
            }
        }
    }

    /// One transaction for `first` and for all that wait behind it.
    fn commit_together(&mut self, first: Box<dyn Job>) {
        if let Err(error) = execute_plain(&self.connection, "begin immediate") {
            return self.refuse_together(first, &error);
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
            self.listeners.forget(job.changes());
        }
        for job in batch {
            job.answer(committed.clone().map_err(StoreError::unavailable));
        }
    }

    /// Answers `first` and all that wait behind it: each would wait for the file as long as
    /// the first did, one after the other.
    fn refuse_together(&self, first: Box<dyn Job>, error: &StoreError) {
        first.answer(Err(told_again(error)));
        for job in self.jobs.try_iter().take(QUEUE) {
            job.answer(Err(told_again(error)));
        }
    }

    /// Runs `first` and what waits behind it. Answers what was run, and whether it can be
    /// committed.
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
            // A full disk rolls the whole transaction back: then nobody else may join.
            if batch.len() < LARGEST_BATCH && !self.connection.is_autocommit() {
                next = self.jobs.try_recv().ok();
            }
        }
        (batch, Ok(()))
    }

    /// Makes the transaction durable, or undoes it and says why.
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
        // The database may have done so itself.
        if !self.connection.is_autocommit() {
            drop(execute_plain(&self.connection, "rollback"));
        }
    }

    /// Copies the log into the file and empties it: pages as they were before something was
    /// erased are in the log alone.
    ///
    /// Waits for nobody, as all writers would wait with it. While somebody reads older data,
    /// it is tried again later.
    fn wipe_log(&mut self) {
        if !self.log_remembers {
            return;
        }
        let is_busy = self
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| truncate_log(&self.connection));
        self.log_remembers = !matches!(is_busy, Ok(false));
        drop(self.connection.busy_timeout(BUSY_TIMEOUT));
    }

    /// Another process on the same file (a command beside a running server) tells nobody
    /// what it wrote; SQLite only tells that somebody did.
    fn notice_foreign_writes(&mut self) {
        self.looked_at = Instant::now();
        match data_version(&self.connection) {
            Ok(version) if version == self.data_version => {}
            Ok(version) => {
                self.data_version = version;
                self.listeners.forget_all();
            }
            // Who can't tell whether something changed must assume that it did.
            Err(_) => self.listeners.forget_all(),
        }
    }
}

/// Runs a job so that it alone is undone if it fails; an error where it could not be, and
/// must not be committed with the others.
fn run_in_savepoint(connection: &mut Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    if execute_plain(connection, "savepoint job").is_err() {
        // A job that did not run has changed nothing, and its answer says so.
        return Ok(());
    }
    let kept = job.run(connection);
    // Where the whole transaction is gone, so is the savepoint; the commit will tell.
    if connection.is_autocommit() {
        return Ok(());
    }
    if !kept {
        execute_plain(connection, "rollback to job")?;
    }
    execute_plain(connection, "release job")
}

fn spawn_readers(
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

/// Runs a read on one snapshot of the data; a statement that runs beyond the limit is ended.
fn read_once(connection: &mut Connection, mut job: Box<dyn Job>, limit: Duration) {
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
    // What ends the snapshot must not be ended itself.
    let unlimited = limit_to(connection, None);
    // A read has nothing to keep: a commit and a rollback end it alike.
    drop(execute_plain(connection, "rollback"));
    job.answer(limited.and(unlimited));
}

/// Lets SQLite look at the time now and then, and end with `SQLITE_INTERRUPT` what runs for
/// longer than this from now.
fn limit_to(connection: &Connection, limit: Option<Duration>) -> Result<(), StoreError> {
    let deadline = limit.map(|limit| Instant::now() + limit);
    let is_over = deadline.map(|deadline| move || Instant::now() >= deadline);
    Ok(connection.progress_handler(STEPS_PER_LOOK, is_over)?)
}

fn connect(location: &Location) -> Result<Connection, ConnectError> {
    match location {
        Location::File(path) => open_file(path),
        Location::Memory => Connection::open_in_memory(),
    }
    .and_then(configure)
    .map_err(refused)
}

fn open_file(path: &Path) -> rusqlite::Result<Connection> {
    make_private(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Makes the file where it is missing, for this user alone: it is to hold hashes of passwords.
/// SQLite gives the files beside it the same rights. Where it can't be made, SQLite says why.
#[cfg(unix)]
fn make_private(path: &Path) {
    use rustix::fs::{Mode, OFlags, open};

    let new = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    drop(open(path, new, Mode::RUSR | Mode::WUSR));
}

/// Elsewhere the folder says who may read its files.
#[cfg(not(unix))]
fn make_private(_path: &Path) {}

/// `synchronous=FULL`, because with NORMAL a power loss undoes acknowledged commits;
/// `secure_delete`, because the bytes of a deleted row stay in the file without it.
fn configure(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma secure_delete = on;
         pragma trusted_schema = off;
         pragma journal_size_limit = 67108864;
         pragma temp_store = memory;",
    )?;
    Ok(connection)
}

fn refused(error: rusqlite::Error) -> ConnectError {
    use rusqlite::ErrorCode as Code;

    let code = error.sqlite_error_code();
    // The text holds what its own source would say once more.
    let reason = error.to_string().into();
    match code {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => ConnectError::Corrupt(reason),
        _ => ConnectError::Unreachable(reason),
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("pragma data_version")?
        .query_row([], |row| row.get(0))
}

/// Tells whether somebody was in the way.
fn truncate_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))
}

fn execute_plain(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// The same error for one more caller.
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

pub(super) fn execute(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    let mut prepared = connection.prepare_cached(statement.sql())?;
    bind(&mut prepared, values)?;
    let changed = prepared.raw_execute()?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(super) fn fetch_all(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(statement.sql())?;
    let columns = prepared.column_count();
    bind(&mut prepared, values)?;
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns)
            .map(|column| row.get(column))
            .collect::<Result<_, _>>()?;
        found.push(Row::Sqlite(values));
    }
    Ok(found)
}

/// SQLite numbers `$3` by where it first stands, not by its digits: so it is looked up by name.
fn bind(prepared: &mut rusqlite::CachedStatement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for position in 1..=prepared.parameter_count() {
        let value = prepared
            .parameter_name(position)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| values.get(number.checked_sub(1)?))
            .ok_or_else(|| StoreError::internal("a placeholder that is not a number"))?;
        match value {
            Value::Integer(number) => prepared.raw_bind_parameter(position, number)?,
            Value::Text(text) => prepared.raw_bind_parameter(position, text)?,
            Value::Uuid(uuid) => prepared.raw_bind_parameter(position, uuid)?,
            Value::Bytes(bytes) => prepared.raw_bind_parameter(position, bytes)?,
        }
    }
    Ok(())
}
