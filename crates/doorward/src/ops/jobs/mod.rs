//! Durable jobs: what operations leave to be done after their transaction.
//!
//! An operation enqueues a job in its own transaction. A worker takes the job when it is due,
//! and runs the operation that carries it out. [`Completion`](crate::domain::jobs::Completion)
//! says when the job is deleted.

mod attempt;
mod deferred;
mod take;

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::id::{JobId, UserId};
use crate::domain::jobs::Queue;
use crate::engine::Engine;
use crate::store::db::{StoreError, Tx};
use crate::store::jobs::{self, Job, NewJob};

pub(crate) use attempt::{JobError, JobOutcome, record_outcome, run_attempt};
pub(crate) use deferred::{Deferred, complete_with, defer, drop_job, open_deferred};
pub(crate) use take::{Taken, make_due, take_next};

/// A kind of job: the queue that its jobs wait in, and the type of their payload.
#[derive(Debug)]
pub(crate) struct JobKind<P> {
    queue: Queue,
    name: &'static str,
    payload: PhantomData<fn() -> P>,
}

impl<P> JobKind<P> {
    /// The kind with this name, which stands in the table and is unique within the queue.
    pub(crate) const fn new(queue: Queue, name: &'static str) -> Self {
        Self {
            queue,
            name,
            payload: PhantomData,
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }
}

/// How a job waits.
#[derive(Clone, Debug)]
pub(crate) struct JobOptions {
    /// The account that the job belongs to, and is deleted with.
    pub(crate) user: Option<UserId>,
    /// How long to wait before the first attempt.
    pub(crate) delay: Duration,
    /// How long the job is of use.
    pub(crate) ttl: Duration,
    /// At most one job with this key waits; further ones are dropped. The key is stored as it
    /// is, so it must not name a person.
    ///
    /// Not for deferred jobs: on PostgreSQL an insert waits for a transaction that deletes a row
    /// with the same key. The time of the response would show what the job does.
    pub(crate) dedupe_key: Option<String>,
}

/// Enqueues a job in the transaction that it follows from.
pub(crate) async fn enqueue<P: Serialize>(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    kind: JobKind<P>,
    payload: &P,
    options: JobOptions,
) -> Result<(), StoreError> {
    let now = engine.now();
    let id = JobId::generate(now, engine.entropy());
    let job = NewJob {
        id,
        queue: kind.queue,
        kind: kind.name,
        dedupe_key: options.dedupe_key,
        user: options.user,
        sealed: seal_payload(engine, id, kind.name, payload)?,
        created_at: now,
        expires_at: now + options.ttl,
        due_at: now + options.delay,
    };
    jobs::insert(tx, &job).await
}

fn seal_payload<P: Serialize>(
    engine: &Arc<Engine>,
    id: JobId,
    kind: &str,
    payload: &P,
) -> Result<Vec<u8>, Failure> {
    let plain = Zeroizing::new(serde_json::to_vec(payload).map_err(Failure::internal)?);
    let sealing = &engine.keys().sealing;
    sealing.seal(&associated_data(id, kind), &plain, engine.entropy())
}

/// Opens the payload of a job of this kind.
pub(crate) fn open_payload<P: DeserializeOwned>(
    engine: &Arc<Engine>,
    kind: JobKind<P>,
    job: &Job,
) -> Result<P, JobError> {
    let sealing = &engine.keys().sealing;
    let plain = sealing
        .open(&associated_data(job.id, kind.name), &job.sealed)
        .map_err(|error| JobError::Unreadable(error.to_string()))?;
    serde_json::from_slice(&plain)
        .map_err(|_| JobError::Unreadable("the payload is of another release".to_owned()))
}

/// A payload opens only in its own row, and only as the kind that it was sealed as.
fn associated_data(id: JobId, kind: &str) -> Vec<u8> {
    [id.as_uuid().as_bytes(), kind.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
