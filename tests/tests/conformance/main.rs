//! What holds on every database: each statement of the store, races, and what happens when
//! several engines, or several processes, share one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod abandoned;
mod accounts;
mod app_roles;
mod caches;
mod group_commit;
mod jobs;
mod keys;
mod killed;
mod mail;
mod migrations;
mod postgres_limits;
mod postgres_link;
mod races;
mod races_of_tokens;
mod replicas;
mod roles;
mod sessions;
mod sqlite_lock;

use std::time::{Duration, Instant};

/// Looks again and again until it holds, for as long as is promised.
pub(crate) async fn within(promised: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + promised;
    while !holds().await {
        assert!(
            Instant::now() < deadline,
            "{promised:?}, and not yet: {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
