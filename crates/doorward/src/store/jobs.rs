//! Statements about durable jobs.

use uuid::Uuid;

use super::db::{Change, Row, Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::{JobId, UserId};
use crate::domain::jobs::Queue;

const INSERT: Statement = Statement::new(
    "jobs.insert",
    "insert into doorward_jobs (id, queue, kind, dedupe_key, user_id, sealed, created_at, \
     expires_at, due_at, attempts) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) \
     on conflict (dedupe_key) do nothing",
);
pub(super) const CLAIM: Statement = Statement::new(
    "jobs.claim",
    "update doorward_jobs set claim = $2, attempts = attempts + 1, due_at = $4 \
     where id = $1 and due_at = $3",
);
const CONSUME: Statement =
    Statement::new("jobs.consume", "delete from doorward_jobs where id = $1");
const COMPLETE: Statement = Statement::new(
    "jobs.complete",
    "delete from doorward_jobs where id = $1 and claim = $2",
);
const POSTPONE: Statement = Statement::new(
    "jobs.postpone",
    "update doorward_jobs set due_at = $3, claim = null, attempts = $4, failure = $5 \
     where id = $1 and claim is not distinct from $2",
);
const BURY: Statement = Statement::new(
    "jobs.bury",
    "update doorward_jobs set due_at = null, claim = null, dedupe_key = null, dead_at = $3, \
     failure = $4 where id = $1 and claim = $2",
);
pub(super) const MAKE_DUE: Statement = Statement::new(
    "jobs.make_due",
    "update doorward_jobs set due_at = $2 where queue = $1 and due_at > $2",
);
const REVIVE: Statement = Statement::new(
    "jobs.revive",
    "update doorward_jobs set due_at = $3, dead_at = null, attempts = 0 \
     where id = $2 and queue = $1 and claim is null",
);
const REVIVE_DEAD: Statement = Statement::new(
    "jobs.revive_dead",
    "update doorward_jobs set due_at = $2, dead_at = null, attempts = 0 \
     where queue = $1 and dead_at is not null",
);
const LIST: Statement = Statement::new(
    "jobs.list",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_jobs where queue = $1 order by id limit $2",
);
const LIST_DEAD: Statement = Statement::new(
    "jobs.list_dead",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_jobs where queue = $1 and dead_at is not null order by id limit $2",
);
const LIST_OF: Statement = Statement::new(
    "jobs.list_of",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_jobs where queue = $1 and user_id = $2 order by id limit $3",
);
const COUNT: Statement = Statement::new(
    "jobs.count",
    "select count(*), count(dead_at), min(case when dead_at is null then created_at end) \
     from doorward_jobs where queue = $1",
);
pub(super) const PURGE_DEAD: Statement = Statement::new(
    "jobs.purge_dead",
    "delete from doorward_jobs where id in \
     (select id from doorward_jobs where dead_at < $1 order by dead_at limit $2)",
);
pub(super) const PURGE_EXPIRED: Statement = Statement::new(
    "jobs.purge_expired",
    "delete from doorward_jobs where id in (select id from doorward_jobs \
     where queue = $1 and due_at <= $2 and expires_at <= $2 order by due_at, id limit $3)",
);

/// The first job of a queue that waits and is of one of these kinds. The bound on `due_at` makes
/// both databases skip the dead jobs, which have none, in the index.
pub(super) fn find_next_statement(kinds: &[&'static str]) -> Statement {
    let kinds = kinds.join("', '");
    Statement::composed(
        "jobs.find_next",
        format!(
            "select id, kind, sealed, expires_at, attempts, due_at from doorward_jobs \
             where queue = $1 and due_at <= $2 and kind in ('{kinds}') \
             order by due_at, id limit 1"
        ),
    )
}

/// A job to keep until it is completed.
#[derive(Clone, Debug)]
pub(crate) struct NewJob {
    pub(crate) id: JobId,
    pub(crate) queue: Queue,
    pub(crate) kind: &'static str,
    pub(crate) dedupe_key: Option<String>,
    pub(crate) user: Option<UserId>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) due_at: Timestamp,
}

/// A job that waits, or that a process runs.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) queue: Queue,
    pub(crate) kind: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) expires_at: Timestamp,
    /// How many attempts failed or ended without a result.
    pub(crate) attempts: i64,
    pub(crate) due_at: Timestamp,
    /// The claim of this process, where it holds one.
    pub(crate) claim: Option<Uuid>,
}

/// A job without its payload, as an operator or the owner of the account sees it.
#[derive(Clone, Debug)]
pub(crate) struct JobRecord {
    pub(crate) id: JobId,
    pub(crate) user: Option<UserId>,
    pub(crate) kind: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) attempts: i64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) dead_at: Option<Timestamp>,
    pub(crate) failure: Option<String>,
}

/// Keeps a job, unless one with the same dedupe key waits.
pub(crate) async fn insert(tx: &mut Tx<'_>, job: &NewJob) -> Result<(), StoreError> {
    let values: [Value; 9] = [
        job.id.into(),
        job.queue.as_str().into(),
        job.kind.into(),
        job.dedupe_key.clone().into(),
        job.user.into(),
        job.sealed[..].into(),
        job.created_at.into(),
        job.expires_at.into(),
        job.due_at.into(),
    ];
    tx.execute(&INSERT, &values).await?;
    tx.changed(Change::Jobs(job.queue));
    Ok(())
}

/// Finds the job of a queue that is due first, of one of these kinds. Other kinds are of a newer
/// release, and wait for it.
pub(crate) async fn find_next(
    tx: &mut Tx<'_>,
    queue: Queue,
    kinds: &[&'static str],
) -> Result<Option<Job>, StoreError> {
    let statement = find_next_statement(kinds);
    let values = [queue.as_str().into(), i64::MAX.into()];
    let Some(row) = tx.fetch_optional(&statement, &values).await? else {
        return Ok(None);
    };
    Ok(Some(Job {
        id: row.at(0)?,
        queue,
        kind: row.at(1)?,
        sealed: row.at(2)?,
        expires_at: row.at(3)?,
        attempts: row.at(4)?,
        due_at: row.at(5)?,
        claim: None,
    }))
}

/// Claims a job until `lease_ends`. Returns the claimed job, or `None` if another process was
/// faster.
pub(crate) async fn claim(
    tx: &mut Tx<'_>,
    job: Job,
    claim: Uuid,
    lease_ends: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let values = [
        job.id.into(),
        claim.into(),
        job.due_at.into(),
        lease_ends.into(),
    ];
    let is_ours = tx.execute(&CLAIM, &values).await? > 0;
    Ok(is_ours.then_some(Job {
        due_at: lease_ends,
        claim: Some(claim),
        ..job
    }))
}

/// Deletes a job in the transaction of its effect. Returns whether the job was still there; if
/// not, another process has completed it.
pub(crate) async fn consume(tx: &mut Tx<'_>, id: JobId) -> Result<bool, StoreError> {
    Ok(tx.execute(&CONSUME, &[id.into()]).await? > 0)
}

/// Deletes a claimed job that is done.
pub(crate) async fn complete(tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
    let values = [job.id.into(), Value::Uuid(job.claim)];
    tx.execute(&COMPLETE, &values).await.map(drop)
}

/// Releases a job whose attempt failed, to be retried at `due_at`. Stores `job.attempts`.
pub(crate) async fn postpone(
    tx: &mut Tx<'_>,
    job: &Job,
    due_at: Timestamp,
    failure: &str,
) -> Result<(), StoreError> {
    let values = [
        job.id.into(),
        Value::Uuid(job.claim),
        due_at.into(),
        job.attempts.into(),
        failure.into(),
    ];
    tx.execute(&POSTPONE, &values).await.map(drop)
}

/// Makes a claimed job a dead letter. Its dedupe key is free again.
pub(crate) async fn bury(
    tx: &mut Tx<'_>,
    job: &Job,
    now: Timestamp,
    failure: &str,
) -> Result<(), StoreError> {
    let values = [
        job.id.into(),
        Value::Uuid(job.claim),
        now.into(),
        failure.into(),
    ];
    tx.execute(&BURY, &values).await.map(drop)
}

/// Makes all jobs of a queue due that wait for a later moment.
pub(crate) async fn make_due(
    tx: &mut Tx<'_>,
    queue: Queue,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [queue.as_str().into(), now.into()];
    tx.execute(&MAKE_DUE, &values).await.map(drop)
}

/// Makes a job due at once, dead or not, unless a process has claimed it. Returns whether there
/// is such a job.
pub(crate) async fn revive(
    tx: &mut Tx<'_>,
    queue: Queue,
    id: JobId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(Change::Jobs(queue));
    let values = [queue.as_str().into(), id.into(), now.into()];
    Ok(tx.execute(&REVIVE, &values).await? > 0)
}

/// Makes all dead jobs of a queue due at once. Returns how many.
pub(crate) async fn revive_dead(
    tx: &mut Tx<'_>,
    queue: Queue,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.changed(Change::Jobs(queue));
    let values = [queue.as_str().into(), now.into()];
    tx.execute(&REVIVE_DEAD, &values).await
}

/// Lists the jobs of a queue, the oldest first; all, or only the dead ones.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    queue: Queue,
    only_dead: bool,
    limit: i64,
) -> Result<Vec<JobRecord>, StoreError> {
    let statement = if only_dead { &LIST_DEAD } else { &LIST };
    let values = [queue.as_str().into(), limit.into()];
    let rows = tx.fetch_all(statement, &values).await?;
    rows.iter().map(read_record).collect()
}

/// Lists the jobs of a queue that belong to an account, the oldest first.
pub(crate) async fn list_of(
    tx: &mut Tx<'_>,
    queue: Queue,
    user: UserId,
    limit: i64,
) -> Result<Vec<JobRecord>, StoreError> {
    let values = [queue.as_str().into(), user.into(), limit.into()];
    let rows = tx.fetch_all(&LIST_OF, &values).await?;
    rows.iter().map(read_record).collect()
}

/// Counts the jobs of a queue: all, the dead ones, and since when the oldest of the others waits.
pub(crate) async fn count(
    tx: &mut Tx<'_>,
    queue: Queue,
) -> Result<(i64, i64, Option<Timestamp>), StoreError> {
    let row = tx.fetch_one(&COUNT, &[queue.as_str().into()]).await?;
    Ok((row.at(0)?, row.at(1)?, row.at(2)?))
}

/// Deletes some of the jobs that died before `before`. Returns how many.
pub(crate) async fn purge_dead(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE_DEAD, &[before.into(), limit.into()])
        .await
}

/// Deletes some of the jobs of a queue that expired by `until` and were due by then: those of
/// kinds that no process knows. Returns how many.
pub(crate) async fn purge_expired(
    tx: &mut Tx<'_>,
    queue: Queue,
    until: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let values = [queue.as_str().into(), until.into(), limit.into()];
    tx.execute(&PURGE_EXPIRED, &values).await
}

fn read_record(row: &Row) -> Result<JobRecord, StoreError> {
    Ok(JobRecord {
        id: row.at(0)?,
        user: row.at(1)?,
        kind: row.at(2)?,
        created_at: row.at(3)?,
        expires_at: row.at(4)?,
        attempts: row.at(5)?,
        due_at: row.at(6)?,
        dead_at: row.at(7)?,
        failure: row.at(8)?,
    })
}
