//! What goes on in the background, for as long as a handle of the engine exists: running the
//! jobs of each queue, and deleting what is no longer kept.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::domain::failure::Failure;
use crate::domain::jobs::Queue;
use crate::engine::Engine;
use crate::jobs::{RunningJobs, start_due};
use crate::ops::data_keys::load_after_migration;
use crate::ops::maintenance;
use crate::ops::maintenance::erase::erase_deleted_accounts;

/// How often to look for the tables that another process must create.
const TABLES_INTERVAL: Duration = Duration::from_secs(1);
/// How long to rest between two rounds of maintenance.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(300);
/// How long to rest without a signal that there is work: another process may have left some.
const MAX_REST: Duration = Duration::from_secs(5);
/// How long to rest after a failure of the database.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Starts the workers. They end with the last handle of the engine.
///
/// # Panics
/// Outside of a tokio runtime.
pub(crate) fn spawn(engine: &Arc<Engine>) {
    tokio::spawn(maintain(Arc::downgrade(engine)));
    for queue in Queue::ALL {
        tokio::spawn(run_jobs(Arc::downgrade(engine), queue));
    }
}

/// Starts a task that loads the data keys when the tables exist. It ends then, or with the last
/// handle of the engine.
pub(crate) fn spawn_key_loader(engine: &Arc<Engine>) {
    tokio::spawn(wait_for_tables(Arc::downgrade(engine)));
}

async fn wait_for_tables(weak: Weak<Engine>) {
    loop {
        tokio::time::sleep(TABLES_INTERVAL).await;
        let Some(engine) = weak.upgrade() else { return };
        match load_after_migration(&engine).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "failed to load the data keys");
            }
        }
    }
}

/// Deletes the traces of deleted accounts at once, also those that a crash left, and all that
/// is no longer kept from time to time.
async fn maintain(weak: Weak<Engine>) {
    let mut rounds = interval_at(Instant::now() + MAINTENANCE_INTERVAL, MAINTENANCE_INTERVAL);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let Some(engine) = weak.upgrade() else { return };
        report(erase_deleted_accounts(&engine).await.err());
        let signal = Arc::clone(engine.erasure_signal());
        // Nothing but the engine's owner may keep it alive.
        drop(engine);
        tokio::select! {
            () = signal.wait() => {}
            _ = rounds.tick() => {
                let Some(engine) = weak.upgrade() else { return };
                report(maintenance::keep_house(&engine).await.err());
            }
        }
    }
}

fn report(error: Option<Failure>) {
    if let Some(error) = error {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "what is to be deleted stays until the next round");
    }
}

/// Runs the jobs of a queue as they become due.
async fn run_jobs(weak: Weak<Engine>, queue: Queue) {
    let mut running = RunningJobs::new();
    loop {
        let Some(engine) = weak.upgrade() else {
            // An attempt that has begun goes on: a mail that is interrupted may arrive twice.
            return running.detach_all();
        };
        let now = engine.now();
        let rest = match start_due(&engine, queue, now, &mut running).await {
            Ok(next) => next.map_or(MAX_REST, |due| due.since(now).min(MAX_REST)),
            Err(error) => rest_after(&error, queue),
        };
        let signal = Arc::clone(engine.job_signal(queue));
        drop(engine);
        tokio::select! {
            () = signal.wait() => {}
            () = tokio::time::sleep(rest) => {}
            Some(finished) = running.join_next() => {
                if let Err(error) = finished.map_err(Failure::internal).flatten() {
                    // The job may still be due: without a rest it would be run again at once.
                    tokio::time::sleep(rest_after(&error, queue)).await;
                }
            }
        }
    }
}

fn rest_after(error: &Failure, queue: Queue) -> Duration {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, queue = queue.as_str(), "jobs wait after a failure");
    REST_AFTER_FAILURE
}
