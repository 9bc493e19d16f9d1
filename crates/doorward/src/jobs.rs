//! Which operation carries out which kind of job, and how the jobs of a queue are run.

use std::sync::Arc;

use tokio::task::{JoinHandle, JoinSet};

use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::jobs::Queue;
use crate::domain::mail::MailKind;
use crate::engine::Engine;
use crate::engine::hooks::tell_of_registration_later;
use crate::instrumentation;
use crate::ops::account::recovery::{RESET_PASSWORD, run_reset_password};
use crate::ops::account::register::{REGISTER, run_registration};
use crate::ops::authn::login::{LOCK_NOTICE, run_lock_notice};
use crate::ops::jobs::{
    JobError, JobOutcome, Taken, make_due, record_outcome, run_attempt, take_next,
};
use crate::ops::mail::Delivery;
use crate::ops::mail::delivery::run_mail;
use crate::store::db::BoxFuture;
use crate::store::jobs::Job;

/// What goes on after a job is completed, and holds up no other job: a hook of the application.
type FollowUp = JoinHandle<()>;
type Handler =
    for<'a> fn(&'a Arc<Engine>, &'a Job) -> BoxFuture<'a, Result<Option<FollowUp>, JobError>>;

/// The jobs of a queue that run at this moment.
pub(crate) type RunningJobs = JoinSet<Result<FinishedJob, Failure>>;

/// A job whose outcome is stored.
#[derive(Debug)]
pub(crate) struct FinishedJob {
    outcome: JobOutcome,
    follow_up: Option<FollowUp>,
}

/// The kinds of job of a queue that this process can run, with their handlers.
fn handlers(engine: &Arc<Engine>, queue: Queue) -> Vec<(&'static str, Handler)> {
    match queue {
        // Before the data keys are loaded, no payload opens. Another process may have them.
        _ if engine.keys().fingerprints().is_err() => Vec::new(),
        Queue::Deferred => vec![
            (RESET_PASSWORD.name(), |engine, job| {
                Box::pin(async move { run_reset_password(engine, job).await.map(|()| None) })
            }),
            (REGISTER.name(), |engine, job| {
                Box::pin(async move {
                    let created = run_registration(engine, job).await?;
                    Ok(created.map(|(user, caller)| {
                        let engine = Arc::clone(engine);
                        tokio::spawn(tell_of_registration_later(engine, user, caller))
                    }))
                })
            }),
            (LOCK_NOTICE.name(), |engine, job| {
                Box::pin(async move { run_lock_notice(engine, job).await.map(|()| None) })
            }),
        ],
        Queue::Mail if !engine.sends_mail() => Vec::new(),
        Queue::Mail => {
            let handler: Handler =
                |engine, job| Box::pin(async move { run_mail(engine, job).await.map(|()| None) });
            let kinds = MailKind::ALL.into_iter();
            kinds.map(|kind| (kind.as_str(), handler)).collect()
        }
    }
}

/// Carries out all deferred requests, due or not, and then sends all mail that is due. Returns
/// what became of the mails.
pub(crate) async fn deliver_mail(engine: &Arc<Engine>) -> Result<Delivery, Failure> {
    make_due(engine, Queue::Deferred).await?;
    run_due(engine, Queue::Deferred).await?;
    Ok(run_due(engine, Queue::Mail).await?.into_iter().collect())
}

/// Runs all jobs of a queue that are due at this moment, and waits for their follow-ups.
async fn run_due(engine: &Arc<Engine>, queue: Queue) -> Result<Vec<JobOutcome>, Failure> {
    let mut running = RunningJobs::new();
    let result = run_until_idle(engine, queue, &mut running).await;
    // After a failure, attempts that have begun go on: a mail that is interrupted may arrive
    // twice.
    running.detach_all();
    result
}

async fn run_until_idle(
    engine: &Arc<Engine>,
    queue: Queue,
    running: &mut RunningJobs,
) -> Result<Vec<JobOutcome>, Failure> {
    let until = engine.now();
    let (mut outcomes, mut follow_ups) = (Vec::new(), Vec::new());
    loop {
        start_due(engine, queue, until, running).await?;
        let Some(finished) = running.join_next().await else {
            break;
        };
        let finished = finished.map_err(Failure::internal)??;
        outcomes.push(finished.outcome);
        follow_ups.extend(finished.follow_up);
    }
    for follow_up in follow_ups {
        drop(follow_up.await);
    }
    Ok(outcomes)
}

/// Starts the jobs of a queue that are due by `until`, as many as may run at a time. Returns
/// when the next job is due, unless none waits or all slots are taken.
pub(crate) async fn start_due(
    engine: &Arc<Engine>,
    queue: Queue,
    until: Timestamp,
    running: &mut RunningJobs,
) -> Result<Option<Timestamp>, Failure> {
    let handlers = handlers(engine, queue);
    let kinds: Vec<_> = handlers.iter().map(|(kind, _)| *kind).collect();
    while running.len() < queue.slots() {
        let job = match take_next(engine, queue, &kinds, until).await? {
            Taken::Job(job) => job,
            Taken::NotBefore(due) => return Ok(Some(due)),
            Taken::Nothing => return Ok(None),
        };
        if let Some((_, handler)) = handlers.iter().find(|(kind, _)| *kind == job.kind) {
            running.spawn(run_job(Arc::clone(engine), job, *handler));
        }
    }
    Ok(None)
}

/// Runs a job once, and stores the outcome.
async fn run_job(engine: Arc<Engine>, job: Job, handler: Handler) -> Result<FinishedJob, Failure> {
    let queue = job.queue;
    let attempt = run_attempt(&engine, &job, handler(&engine, &job)).await;
    let (outcome, stored) = record_outcome(&engine, job, attempt.as_ref().err()).await;
    if queue == Queue::Mail {
        instrumentation::count_mail(outcome.into());
    }
    stored.map(|()| FinishedJob {
        outcome,
        follow_up: attempt.ok().flatten(),
    })
}
