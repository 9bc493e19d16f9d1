//! The SQLite backend: a writer thread with group commit, and reader threads.
//!
//! A read or a write is a [`Job`] in a queue. A thread runs the whole job on its connection, and
//! sends the result to the caller.

mod connection;
mod readers;
#[cfg(test)]
mod tests;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::bus::ChangeBus;
use super::change::Change;
use super::error::{ConnectError, StoreError};
use super::{BoxFuture, Tx};
use connection::{connect, refused};
use writer::Writer;

pub(super) use connection::{Location, execute, fetch_all};

/// How many jobs may wait in each queue. More are rejected at once.
const QUEUE: usize = 4096;

#[derive(Debug)]
pub(super) struct Engine {
    // Fields are dropped in this order: a queue before its threads, which end with it, and the
    // readers before the writer. If two connections close at once, each may see the other as
    // still open, and neither copies the log into the file.
    /// `None` in memory: a second connection would open a database of its own.
    readers: Option<SyncSender<Box<dyn Job>>>,
    _reading: Threads,
    writer: SyncSender<Box<dyn Job>>,
    _writing: Threads,
    bus: Arc<ChangeBus>,
    /// The path as SQLite reports it; `None` in memory.
    #[cfg(feature = "sqlx-sqlite")]
    file: Option<String>,
}

/// Threads that are joined on drop, so that their connections are closed by then. SQLite copies
/// the log into the file when the last connection closes; a backup then needs the file alone.
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
            // A job may hold the last handle of the database. A thread can't join itself.
            if thread.thread().id() != this_thread {
                drop(thread.join());
            }
        }
    }
}

impl Engine {
    /// Opens the database and starts its threads; they end when the engine is dropped.
    pub(super) fn open(location: &Location, readers: usize) -> Result<Self, ConnectError> {
        let bus = Arc::new(match location {
            Location::File(_) => ChangeBus::sqlite_file(),
            Location::Memory => ChangeBus::sqlite_memory(),
        });
        let connection = connect(location)?;
        #[cfg(feature = "sqlx-sqlite")]
        let file = connection.path().map(str::to_owned);
        // Declared before the queues, because locals are dropped in reverse order.
        let (mut writing, mut reading) = (Threads::default(), Threads::default());
        let (writer, jobs) = sync_channel(QUEUE);
        let commits = Writer::new(connection, jobs, Arc::clone(&bus)).map_err(refused)?;
        writing.spawn("doorward-writer", move || commits.run())?;
        let readers = match location {
            Location::Memory => None,
            Location::File(_) => Some(readers::spawn(location, readers, &mut reading)?),
        };
        Ok(Self {
            readers,
            _reading: reading,
            writer,
            _writing: writing,
            bus,
            #[cfg(feature = "sqlx-sqlite")]
            file: file.filter(|path| !path.is_empty()),
        })
    }

    pub(super) fn bus(&self) -> &Arc<ChangeBus> {
        &self.bus
    }

    /// Returns the path of the file, as SQLite reports it on every connection; `None` in memory.
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

/// Creates a job that runs `body`, and the channel that receives its result.
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
    /// Returns whether the caller still waits for the result. If not, the job is skipped, because
    /// its caller has already reported that nothing was written.
    fn is_wanted(&self) -> bool;
    /// Runs the body. Returns whether its writes must be kept.
    fn run(&mut self, connection: &mut Connection) -> bool;
    /// Returns what the body changed, for the change bus.
    fn changes(&self) -> &[Change];
    /// Sends the body's result, or the reason why it was not committed.
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
        self.changes = tx.take_changes();
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
        // The caller may have given up by now. A committed job stays committed.
        drop(self.sender.send(result));
    }
}

/// Polls a future once. It awaits only statements, which are ready at once on SQLite.
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
