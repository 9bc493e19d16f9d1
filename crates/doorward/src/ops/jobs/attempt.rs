//! One attempt to run a job, and what follows from it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::jobs::Completion;
use crate::engine::Engine;
use crate::mail::SendError;
use crate::store::db::StoreError;
use crate::store::jobs::{self, Job};

/// How long a job without a claim waits after its first failed attempt. It waits twice as long
/// after the second, and so on.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// How long a job waits whose payload can't be opened.
const UNREADABLE_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Why an attempt to run a job failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// The payload can't be opened: it waits for the right key or release until it expires.
    #[error("{0}")]
    Unreadable(String),
    /// The job is of no more use.
    #[error("expired")]
    Expired,
    /// The attempt took too long.
    #[error("timed out")]
    TimedOut,
    /// The operation panicked.
    #[error("panicked")]
    Panicked,
    /// The mail was not sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The operation failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Whether and how often to retry after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    Never,
    /// As often as the queue allows.
    Limited,
    /// Until the job expires. The attempt does not count.
    Uncounted,
}

impl JobError {
    fn retry(&self) -> Retry {
        let is_permanent = match self {
            Self::Unreadable(_) => return Retry::Uncounted,
            Self::TimedOut | Self::Panicked => false,
            Self::Expired => true,
            Self::Send(error) => error.is_permanent,
            Self::Failed(failure) => failure.retry_after().is_none(),
        };
        if is_permanent {
            Retry::Never
        } else {
            Retry::Limited
        }
    }
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobOutcome {
    /// The job is completed.
    Done,
    /// The job is retried at this moment.
    PostponedTo(Timestamp),
    /// The job is not retried.
    GivenUp,
}

/// Runs an attempt. An attempt on a claimed job takes at most half of the lease, and is not made
/// when the job has expired.
///
/// A job without a claim has at least one attempt, however late that is.
pub(crate) async fn run_attempt<T>(
    engine: &Arc<Engine>,
    job: &Job,
    attempt: impl Future<Output = Result<T, JobError>>,
) -> Result<T, JobError> {
    let attempt = catch_panic(attempt);
    let Completion::Leased { lease, .. } = job.queue.completion() else {
        return attempt.await;
    };
    if job.expires_at <= engine.now() {
        return Err(JobError::Expired);
    }
    timeout(lease / 2, attempt)
        .await
        .unwrap_or(Err(JobError::TimedOut))
}

/// Turns a panic into a failure, so that the job is postponed and blocks no other.
///
/// The attempt is dropped after a panic and never polled again, so no broken state of it is seen.
async fn catch_panic<T>(attempt: impl Future<Output = Result<T, JobError>>) -> Result<T, JobError> {
    let mut attempt = pin!(attempt);
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| attempt.as_mut().poll(context)))
            .unwrap_or(Poll::Ready(Err(JobError::Panicked)))
    })
    .await
}

/// Decides what follows from an attempt, and stores it.
pub(crate) async fn record_outcome(
    engine: &Arc<Engine>,
    mut job: Job,
    error: Option<&JobError>,
) -> (JobOutcome, Result<(), Failure>) {
    let now = engine.now();
    let outcome = outcome_of(&job, error, now);
    if error.is_none_or(|error| error.retry() != Retry::Uncounted) {
        job.attempts += 1;
    }
    if let Some(error) = error {
        report(&job, error, outcome);
    }
    let completion = job.queue.completion();
    if outcome == JobOutcome::Done && completion == Completion::InTransaction {
        return (outcome, Ok(()));
    }
    let failure = error.map(ToString::to_string).unwrap_or_default();
    let stored = engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                match (outcome, completion) {
                    (JobOutcome::Done, _) => jobs::complete(tx, &job).await,
                    (JobOutcome::PostponedTo(due), _) => {
                        jobs::postpone(tx, &job, due, &failure).await
                    }
                    (JobOutcome::GivenUp, Completion::InTransaction) => {
                        jobs::consume(tx, job.id).await.map(drop)
                    }
                    (JobOutcome::GivenUp, Completion::Leased { .. }) => {
                        jobs::bury(tx, &job, now, &failure).await
                    }
                }
            })
        })
        .await
        .map_err(|error: StoreError| error.into());
    (outcome, stored)
}

fn report(job: &Job, error: &JobError, outcome: JobOutcome) {
    let is_given_up = outcome == JobOutcome::GivenUp;
    tracing::warn!(
        error = error as &dyn std::error::Error,
        job_id = %job.id,
        queue = job.queue.as_str(),
        kind = job.kind,
        attempts = job.attempts,
        is_given_up,
        "failed to run a job"
    );
}

fn outcome_of(job: &Job, error: Option<&JobError>, now: Timestamp) -> JobOutcome {
    let Some(retry) = error.map(JobError::retry) else {
        return JobOutcome::Done;
    };
    let is_claimed = job.queue.completion() != Completion::InTransaction;
    let wait = match retry {
        Retry::Never if is_claimed => None,
        Retry::Uncounted => (now < job.expires_at).then_some(UNREADABLE_PAUSE),
        // What failed without a claim had no effect, and its request was answered: even a fault of
        // ours may be gone at the next attempt.
        Retry::Limited | Retry::Never => retry_wait(job, now),
    };
    wait.map_or(JobOutcome::GivenUp, |wait| {
        JobOutcome::PostponedTo(now + wait)
    })
}

/// How long to wait before the next attempt, or `None` after the last one.
fn retry_wait(job: &Job, now: Timestamp) -> Option<Duration> {
    match job.queue.completion() {
        Completion::InTransaction => (now < job.expires_at)
            .then(|| RETRY_PAUSE * u32::try_from(job.attempts + 1).unwrap_or(u32::MAX)),
        Completion::Leased { backoff, .. } => {
            let attempts = usize::try_from(job.attempts).ok()?;
            let wait = backoff.get(attempts)?;
            Some(with_jitter(*wait, job.claim))
        }
    }
}

/// A wait that is up to a fifth longer, so that jobs that failed together are not retried
/// together.
fn with_jitter(wait: Duration, claim: Option<Uuid>) -> Duration {
    let fifth = claim.map_or(0, |claim| u32::from(claim.as_bytes()[15]));
    wait + wait * fifth / (5 * 256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::JobId;
    use crate::domain::jobs::Queue;

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn job(queue: Queue, attempts: i64) -> Job {
        Job {
            id: JobId::from_uuid(Uuid::nil()),
            queue,
            kind: "password_reset".to_owned(),
            sealed: Vec::new(),
            expires_at: NOW + Duration::from_secs(1),
            attempts,
            due_at: NOW,
            claim: (queue == Queue::Mail).then_some(Uuid::max()),
        }
    }

    fn wait_of(job: &Job, error: &JobError, now: Timestamp) -> Option<Duration> {
        match outcome_of(job, Some(error), now) {
            JobOutcome::PostponedTo(due) => Some(due.since(now)),
            _ => None,
        }
    }

    #[test]
    fn waits_of_a_mail_grow_until_it_is_given_up() {
        let error = JobError::TimedOut;
        let waits: Vec<_> = (0..11)
            .map(|attempts| wait_of(&job(Queue::Mail, attempts), &error, NOW).unwrap())
            .collect();
        assert!(waits.is_sorted_by(|one, next| one < next), "{waits:?}");
        assert_eq!(wait_of(&job(Queue::Mail, 11), &error, NOW), None);
        let refused = SendError::permanent("550 5.1.1").into();
        assert_eq!(wait_of(&job(Queue::Mail, 0), &refused, NOW), None);
        let first = job(Queue::Mail, 0);
        assert_eq!(outcome_of(&first, None, NOW), JobOutcome::Done);
    }

    #[test]
    fn an_unreadable_mail_is_retried_until_it_expires() {
        let error = JobError::Unreadable("sealed".to_owned());
        assert!(wait_of(&job(Queue::Mail, 1_000), &error, NOW).is_some());
    }

    #[test]
    fn a_deferred_job_is_retried_until_it_expires() {
        let failure = |retry_after| JobError::Failed(Failure::of("test", retry_after, "test"));
        let (passing, permanent) = (failure(Some(RETRY_PAUSE)), failure(None));
        let unreadable = JobError::Unreadable("sealed".to_owned());
        for error in [passing, permanent, unreadable] {
            let job = job(Queue::Deferred, 1_000);
            assert!(wait_of(&job, &error, NOW).is_some());
            assert_eq!(wait_of(&job, &error, job.expires_at), None);
        }
        let permanent = failure(None);
        assert_eq!(wait_of(&job(Queue::Mail, 0), &permanent, NOW), None);
    }
}
