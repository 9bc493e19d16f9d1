//! What the threads do when the file is held, a caller is gone, a savepoint is lost, or a
//! read does not end.

use std::time::Duration;

use super::connection::connect;
use super::readers::read_once;
use super::*;
use crate::store::db::{Constraint, Statement};

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

/// A writer without a thread, and a second process on its file.
struct Bench {
    writer: Writer,
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
        let mut writer = Writer::new(connection, jobs, bus).unwrap();
        writer.lock_timeout = Duration::from_millis(20);
        Self {
            writer,
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
