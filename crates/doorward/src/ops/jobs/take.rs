//! Taking the next job of a queue.

use std::sync::Arc;

use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::uuid_v7;
use crate::domain::jobs::{Completion, Queue};
use crate::engine::Engine;
use crate::store::db::StoreError;
use crate::store::jobs::{self, Job};

/// What a look at a queue found.
#[derive(Debug)]
pub(crate) enum Taken {
    /// A job to run.
    Job(Job),
    /// Nothing is due before this moment.
    NotBefore(Timestamp),
    /// No job waits that this release knows.
    Nothing,
}

/// Takes the first job of a queue that is due by `until`, of one of these kinds.
pub(crate) async fn take_next(
    engine: &Arc<Engine>,
    queue: Queue,
    kinds: &[&'static str],
    until: Timestamp,
) -> Result<Taken, Failure> {
    loop {
        let Some(job) = find_next(engine, queue, kinds.to_vec()).await? else {
            return Ok(Taken::Nothing);
        };
        if job.due_at > until {
            return Ok(Taken::NotBefore(job.due_at));
        }
        let taken = match queue.completion() {
            Completion::InTransaction => Some(job),
            Completion::Leased { lease, .. } => {
                let now = engine.now();
                claim(engine, job, now, now + lease).await?
            }
        };
        // Another process may have been faster; then there may be more.
        if let Some(job) = taken {
            return Ok(Taken::Job(job));
        }
    }
}

/// A look costs no write; a claim does.
async fn find_next(
    engine: &Arc<Engine>,
    queue: Queue,
    kinds: Vec<&'static str>,
) -> Result<Option<Job>, Failure> {
    engine
        .database()
        .read(move |tx| Box::pin(async move { jobs::find_next(tx, queue, &kinds).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn claim(
    engine: &Arc<Engine>,
    job: Job,
    now: Timestamp,
    lease_ends: Timestamp,
) -> Result<Option<Job>, Failure> {
    let claim = uuid_v7(now, engine.entropy());
    engine
        .database()
        .write(move |tx| Box::pin(async move { jobs::claim(tx, job, claim, lease_ends).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

/// Makes all jobs of a queue due that wait for a later moment.
pub(crate) async fn make_due(engine: &Arc<Engine>, queue: Queue) -> Result<(), Failure> {
    let now = engine.now();
    engine
        .database()
        .write(move |tx| Box::pin(async move { jobs::make_due(tx, queue, now).await }))
        .await
        .map_err(|error: StoreError| error.into())
}
