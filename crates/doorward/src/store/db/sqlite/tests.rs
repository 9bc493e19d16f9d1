//! What the threads do when the file is held, a caller is gone, a savepoint is lost, a read does
//! not end, or another connection writes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::connection::connect;
use super::readers::read_once;
use super::*;
use crate::domain::id::UserId;
use crate::store::db::{ChangeListener, Constraint, Database, DatabaseUrl, PoolOptions, Statement};

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_user_alone_and_so_are_those_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let connection = connect(&Location::File(folder.path().join("app.db"))).unwrap();
    connection.execute_batch("create table t (x)").unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        files.push(entry.file_name());
    }
    assert!(files.len() >= 2, "{files:?}");
}

type Answer = oneshot::Receiver<Result<(), StoreError>>;

/// Counts what a cache would invalidate.
#[derive(Debug, Default)]
struct Counter {
    known: AtomicUsize,
    unknown: AtomicUsize,
}

impl Counter {
    fn on(bus: &Arc<ChangeBus>) -> Arc<Self> {
        let counter = Arc::new(Self::default());
        let listener: Arc<dyn ChangeListener> = counter.clone();
        bus.watch(&listener);
        counter
    }

    fn known(&self) -> usize {
        self.known.load(Ordering::SeqCst)
    }

    fn unknown(&self) -> usize {
        self.unknown.load(Ordering::SeqCst)
    }
}

impl ChangeListener for Counter {
    fn on_changes(&self, changes: &[Change]) {
        self.known.fetch_add(changes.len(), Ordering::SeqCst);
    }

    fn on_unknown_changes(&self) {
        self.unknown.fetch_add(1, Ordering::SeqCst);
    }
}

/// A writer without a thread, and a second process on its file.
struct Bench {
    writer: Writer,
    bus: Arc<ChangeBus>,
    queue: SyncSender<Box<dyn Job>>,
    other: Connection,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("test.db"));
        let other = connect(&location).unwrap();
        other.execute_batch("create table marks (mark)").unwrap();
        let connection = connect(&location).unwrap();
        let (queue, jobs) = sync_channel(QUEUE);
        let bus = Arc::new(ChangeBus::sqlite_file());
        let mut writer = Writer::new(connection, jobs, Arc::clone(&bus)).unwrap();
        writer.lock_timeout = Duration::from_millis(20);
        Self {
            writer,
            bus,
            queue,
            other,
            _folder: folder,
        }
    }

    /// Queues a job that runs `script`, and then fails if it is told to.
    fn queue(&self, script: &'static str, fails: bool) -> Answer {
        let (job, answer) = pending(move |tx| {
            Box::pin(async move {
                tx.execute_script(script).await?;
                match fails {
                    true => Err(StoreError::Constraint(Constraint::Reference)),
                    false => Ok(()),
                }
            })
        });
        self.queue.try_send(job).unwrap();
        answer
    }

    fn commit_once(&mut self) {
        let first = self.writer.jobs.try_recv().unwrap();
        self.writer.commit_together(first);
    }

    fn marks(&self) -> Vec<i64> {
        let mut found = self
            .other
            .prepare("select mark from marks order by mark")
            .unwrap();
        let marks = found.query_map([], |row| row.get(0)).unwrap();
        marks.map(Result::unwrap).collect()
    }
}

fn is_unavailable(answer: &mut Answer) -> bool {
    matches!(answer.try_recv(), Ok(Err(StoreError::Unavailable(_))))
}

#[test]
fn while_another_process_holds_the_file_all_that_wait_are_refused_at_once() {
    let mut bench = Bench::new();
    bench.other.execute_batch("begin immediate").unwrap();
    let mut answers = [(); 5].map(|()| bench.queue("insert into marks values (1)", false));
    bench.commit_once();
    for answer in &mut answers {
        assert!(is_unavailable(answer));
    }

    bench.other.execute_batch("rollback").unwrap();
    let mut answer = bench.queue("insert into marks values (2)", false);
    bench.commit_once();
    assert!(matches!(answer.try_recv(), Ok(Ok(()))));
    assert_eq!(bench.marks(), [2]);
}

#[test]
fn what_nobody_waits_for_any_more_is_not_carried_out() {
    let mut bench = Bench::new();
    drop(bench.queue("insert into marks values (1)", false));
    let mut kept = bench.queue("insert into marks values (2)", false);
    drop(bench.queue("insert into marks values (3)", false));
    let mut last = bench.queue("insert into marks values (4)", false);
    bench.commit_once();
    assert!(matches!(kept.try_recv(), Ok(Ok(()))));
    assert!(matches!(last.try_recv(), Ok(Ok(()))));
    assert_eq!(bench.marks(), [2, 4]);
}

#[test]
fn a_refused_write_that_can_t_be_undone_alone_is_undone_with_its_neighbours() {
    let mut bench = Bench::new();
    let mut before = bench.queue("insert into marks values (1)", false);
    let mut refused = bench.queue("insert into marks values (2); release job", true);
    let mut after = bench.queue("insert into marks values (3)", false);
    bench.commit_once();
    assert!(is_unavailable(&mut before) && is_unavailable(&mut refused));
    assert!(bench.marks().is_empty());

    bench.commit_once();
    assert!(matches!(after.try_recv(), Ok(Ok(()))));
    assert_eq!(bench.marks(), [3]);
}

#[test]
fn a_read_that_does_not_end_is_ended() {
    const ENDLESS: Statement = Statement::new(
        "test.endless",
        "with recursive number(n) as (select 1 union all select n + 1 from number) \
         select count(*) from number",
    );
    const SHORT: Statement = Statement::new("test.short", "select 1");
    let mut connection = connect(&Location::Memory).unwrap();
    let mut read = |statement: Statement| {
        let (job, mut answer) = pending(move |tx| {
            Box::pin(async move { tx.fetch_one(&statement, &[]).await.map(drop) })
        });
        read_once(&mut connection, job, Duration::from_millis(20));
        answer.try_recv().unwrap()
    };
    let ended = read(ENDLESS);
    assert!(
        matches!(ended, Err(StoreError::Unavailable(_))),
        "{ended:?}"
    );
    // The reader goes on, with a limit for each read.
    read(SHORT).unwrap();
    assert!(read(ENDLESS).is_err());
    assert!(connection.is_autocommit());
}

#[test]
fn writer_that_waits_for_the_lock_notices_foreign_commits() {
    let mut bench = Bench::new();
    let counter = Counter::on(&bench.bus);
    let script = "insert into marks values (1); begin immediate";
    bench.other.execute_batch(script).unwrap();
    let mut answer = bench.queue("insert into marks values (2)", false);
    bench.commit_once();
    assert!(is_unavailable(&mut answer));
    assert_eq!(counter.unknown(), 1);

    bench.other.execute_batch("rollback").unwrap();
    let mut answer = bench.queue("insert into marks values (3)", false);
    bench.commit_once();
    assert!(matches!(answer.try_recv(), Ok(Ok(()))));
    assert_eq!(counter.unknown(), 1);
}

/// A database with its threads, on a file with a table.
async fn open_file(folder: &tempfile::TempDir) -> (Database, Connection) {
    let path = folder.path().join("test.db");
    let url = DatabaseUrl::sqlite(&path);
    let database = Database::open(&url, &PoolOptions::default()).await.unwrap();
    let other = connect(&Location::File(path)).unwrap();
    other.execute_batch("create table marks (mark)").unwrap();
    (database, other)
}

/// Waits until the condition holds, but not for ever.
async fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn own_commits_invalidate_only_what_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (database, other) = open_file(&folder).await;
    let counter = Counter::on(database.bus());
    until(|| counter.unknown() == 1).await;
    for number in 1..=4 {
        let written: Result<(), StoreError> = database
            .write(|tx| {
                Box::pin(async move {
                    tx.execute_script("insert into marks values (1)").await?;
                    tx.changed(Change::User(UserId::from_uuid(uuid::Uuid::nil())));
                    Ok(())
                })
            })
            .await;
        written.unwrap();
        assert_eq!(counter.known(), number);
        // Longer than the pause between two looks.
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(counter.unknown(), 1);
    }
    other.execute_batch("insert into marks values (2)").unwrap();
    until(|| counter.unknown() == 2).await;
    assert_eq!(counter.known(), 4);
}

#[tokio::test]
async fn bus_is_not_current_while_the_writer_is_stalled() {
    let folder = tempfile::tempdir().unwrap();
    let (database, _other) = open_file(&folder).await;
    let bus = Arc::clone(database.bus());
    until(|| bus.is_current()).await;

    let (resume, stalled) = mpsc::channel::<()>();
    let write = tokio::spawn(async move {
        let write = database.write::<_, StoreError, _>(move |_| {
            Box::pin(async move {
                stalled.recv().unwrap();
                Ok(())
            })
        });
        write.await.unwrap();
        database
    });
    until(|| !bus.is_current()).await;
    resume.send(()).unwrap();
    let _database = write.await.unwrap();
    until(|| bus.is_current()).await;
}

#[tokio::test]
async fn bus_in_memory_is_always_current() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    assert!(database.bus().is_current());
}
