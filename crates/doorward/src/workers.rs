//! What goes on in the background, for as long as somebody holds the engine: carrying out
//! deferred requests, sending mail, and deleting what is no longer kept.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::engine::Engine;
use crate::jobs;
use crate::ops::data_keys::load_after_migration;
use crate::ops::mail::{Fate, delivery};
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
/// How long a deferred request waits at the most before it is carried out. The wait is random:
/// a client that sends requests right behind it must not feel what it costs.
const MAX_DEFERRAL: Duration = Duration::from_secs(2);

/// Starts the workers. They end with the last handle of the engine.
///
/// # Panics
/// Outside of a tokio runtime.
pub(crate) fn spawn(engine: &Arc<Engine>) {
    tokio::spawn(maintain(Arc::downgrade(engine)));
    tokio::spawn(carry_out_deferred(Arc::downgrade(engine)));
    tokio::spawn(send_mail(Arc::downgrade(engine)));
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

/// Carries out deferred requests, each after a random wait.
async fn carry_out_deferred(weak: Weak<Engine>) {
    let mut hooks = JoinSet::new();
    loop {
        let Some(engine) = weak.upgrade() else {
            return hooks.detach_all();
        };
        while hooks.try_join_next().is_some() {}
        let rest = match jobs::carry_out_deferred(&engine, &mut hooks).await {
            Ok(_) => MAX_REST,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "requests that were put off wait");
                REST_AFTER_FAILURE
            }
        };
        let wait = random_wait(engine.entropy());
        let signal = Arc::clone(engine.deferred_signal());
        drop(engine);
        tokio::select! {
            () = signal.wait() => tokio::time::sleep(wait).await,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

fn random_wait(entropy: &dyn Entropy) -> Duration {
    let mut random = [0; 4];
    entropy.fill(&mut random);
    MAX_DEFERRAL.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

/// Sends mail as soon as there is some. A mail that stalls holds up no other.
async fn send_mail(weak: Weak<Engine>) {
    let mut sending = JoinSet::new();
    loop {
        let Some(engine) = weak.upgrade() else {
            // An attempt that has begun goes on: a mail that breaks off may be sent twice.
            return sending.detach_all();
        };
        let rest = send_due(&engine, &mut sending)
            .await
            .unwrap_or_else(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "mail waits");
                REST_AFTER_FAILURE
            });
        let signal = Arc::clone(engine.mail_signal());
        drop(engine);
        tokio::select! {
            () = signal.wait() => {}
            () = tokio::time::sleep(rest) => {}
            Some(_) = sending.join_next() => {}
        }
    }
}

/// Begins to send what is due; returns how long to rest afterwards.
async fn send_due(engine: &Arc<Engine>, sending: &mut JoinSet<Fate>) -> Result<Duration, Failure> {
    delivery::send_due(engine, sending).await?;
    if sending.len() >= delivery::AT_ONCE {
        // The end of an attempt wakes the worker.
        return Ok(MAX_REST);
    }
    let next = delivery::find_next_due(engine).await?;
    let until_next = next.map_or(MAX_REST, |due| due.since(engine.now()));
    Ok(until_next.min(MAX_REST))
}
