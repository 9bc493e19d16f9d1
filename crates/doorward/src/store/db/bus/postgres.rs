//! Receives the changes of other servers on PostgreSQL, through a connection that listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::{sleep, timeout};

use super::ChangeBus;
use super::last_look::LastLook;

/// The channel of the notifications.
pub(super) const CHANNEL: &str = "doorward_changes";
/// How often the connection is checked.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long the answer to a check may take.
const PATIENCE: Duration = Duration::from_millis(400);
/// How old the last successful check may be. It is above the sum of both, so that a check which
/// succeeds is always in time.
const MAX_AGE: Duration = Duration::from_secs(1);
/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause before a lost connection is made again.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);

/// The listening connection, and the last time that it was known to work.
#[derive(Debug)]
pub(super) struct Link {
    pool: PgPool,
    has_started: AtomicBool,
    last_look: LastLook,
}

impl Link {
    pub(super) fn new(pool: PgPool) -> Self {
        Self {
            pool,
            has_started: AtomicBool::new(false),
            last_look: LastLook::new(MAX_AGE),
        }
    }

    pub(super) fn last_look(&self) -> &LastLook {
        &self.last_look
    }

    /// Starts to listen, unless it has started before. Ends with the bus.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn start(&self, bus: &Arc<ChangeBus>) {
        if !self.has_started.swap(true, Ordering::AcqRel) {
            tokio::spawn(keep(self.pool.clone(), Arc::downgrade(bus)));
        }
    }
}

/// Connects and listens, again and again.
async fn keep(pool: PgPool, weak: Weak<ChangeBus>) {
    loop {
        if let Ok(Ok(listener)) = timeout(CONNECT_TIMEOUT, connect(&pool)).await {
            let Some(bus) = weak.upgrade() else { return };
            // Earlier notifications are lost.
            bus.receive_unknown();
            drop(bus);
            listen(listener, &weak).await;
        }
        let Some(bus) = weak.upgrade() else { return };
        if let Some(last_look) = bus.last_look() {
            last_look.clear();
        }
        drop(bus);
        sleep(RECONNECT_AFTER).await;
    }
}

/// Uses a connection of its own, so that the pool keeps all of its connections.
async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with((*pool.connect_options()).clone())
        .await?;
    let mut listener = PgListener::connect_with(&own).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes notifications on, until the connection or the bus is gone.
///
/// A notification does not prove that the connection is in time, because it may have been under
/// way for long. The answer to a query does: PostgreSQL sends it after the notifications of all
/// commits before the query.
async fn listen(mut listener: PgListener, weak: &Weak<ChangeBus>) {
    let mut next_check = Instant::now();
    loop {
        let rest = next_check.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            let now = Instant::now();
            if !answers(&mut listener).await {
                return;
            }
            let Some(bus) = weak.upgrade() else { return };
            while let Some(notification) = listener.next_buffered() {
                bus.receive(notification.payload());
            }
            bus.record_look(now);
            next_check = now + HEARTBEAT;
        } else if let Ok(received) = timeout(rest, listener.try_recv()).await {
            let Ok(Some(notification)) = received else {
                return;
            };
            let Some(bus) = weak.upgrade() else { return };
            bus.receive(notification.payload());
        }
    }
}

async fn answers(listener: &mut PgListener) -> bool {
    let query = sqlx::query("select 1").execute(listener);
    matches!(timeout(PATIENCE, query).await, Ok(Ok(_)))
}
