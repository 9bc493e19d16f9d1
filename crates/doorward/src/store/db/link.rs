//! The link between replicas on PostgreSQL: who wrote what, heard as it is committed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::{sleep, timeout};

use super::change::{Change, Listeners};
use super::postgres::CHANNEL;

/// How long the link may be silent before it is asked whether it still stands.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long an answer to that may take.
const PATIENCE: Duration = Duration::from_millis(400);
/// The pause before a broken link is set up anew.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);

/// Listens for as long as the database is in use; while the link is down no cache is trusted.
pub(super) async fn keep(pool: PgPool, listeners: Weak<Listeners>) {
    loop {
        if let Ok(Ok(link)) = timeout(Duration::from_secs(2), connect(&pool)).await {
            let Some(told) = listeners.upgrade() else {
                return;
            };
            // What was missed while nobody listened is unknown.
            told.forget_all();
            told.trust(true);
            drop(told);
            listen(link, &listeners).await;
        }
        let Some(told) = listeners.upgrade() else {
            return;
        };
        told.trust(false);
        drop(told);
        sleep(RECONNECT_AFTER).await;
    }
}

/// Uses a connection of its own, so that the pool keeps all of its.
async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with((*pool.connect_options()).clone())
        .await?;
    let mut link = PgListener::connect_with(&own).await?;
    link.eager_reconnect(false);
    link.listen(CHANNEL).await?;
    Ok(link)
}

/// Passes on what is heard, until the link breaks or nobody is interested any more.
async fn listen(mut link: PgListener, listeners: &Weak<Listeners>) {
    loop {
        let heard = timeout(HEARTBEAT, link.try_recv()).await;
        let Some(told) = listeners.upgrade() else {
            return;
        };
        match heard {
            Ok(Ok(Some(notice))) => pass_on(&told, notice.payload()),
            Ok(Ok(None) | Err(_)) => return,
            Err(_) if !stands(&mut link).await => return,
            Err(_) => {}
        }
    }
}

async fn stands(link: &mut PgListener) -> bool {
    let ping = sqlx::query("select 1").execute(link);
    matches!(timeout(PATIENCE, ping).await, Ok(Ok(_)))
}

fn pass_on(listeners: &Arc<Listeners>, payload: &str) {
    let changes: Option<Vec<_>> = payload.split(' ').map(Change::decode).collect();
    match changes {
        Some(changes) => listeners.forget(&changes),
        // A newer release may know changes that this one does not.
        None => listeners.forget_all(),
    }
}
