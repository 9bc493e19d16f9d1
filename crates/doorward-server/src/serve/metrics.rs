//! `/metrics`: how logins, mail and requests are doing, in Prometheus' text format.
//!
//! Nothing of it is about a person, and no label is chosen by a client.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward::{Clock, Doorward, OutboxCount, SystemClock, Timestamp};
use metrics::{Counter, Unit, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::Mutex;

use crate::failure::CommandFailure;

const REQUESTS: &str = "doorward_requests_total";
const WAITING: &str = "doorward_outbox_waiting";
const DEAD: &str = "doorward_outbox_dead";
const OLDEST: &str = "doorward_outbox_oldest_seconds";
const DATABASE: &str = "doorward_database_up";

/// For how long the outbox is not counted again: whoever asks more often is no monitor.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database may take to count: a monitor waits ten seconds, as a rule.
const COUNTING: Duration = Duration::from_secs(4);
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Begins to record what the process counts.
pub(super) fn record() -> Result<PrometheusHandle, CommandFailure> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|error| CommandFailure::refused(format!("no metrics: {error}")))?;
    doorward::describe_metrics();
    describe_counter!(
        REQUESTS,
        "Requests that were answered, by the first digit of the status."
    );
    describe_gauge!(WAITING, "Mails that wait to be sent, or to be tried again.");
    describe_gauge!(
        DEAD,
        "Mails that were given up; see `doorward mail list --dead`."
    );
    describe_gauge!(
        OLDEST,
        Unit::Seconds,
        "Age of the mail that waits for longest; 0 where none waits."
    );
    describe_gauge!(
        DATABASE,
        "Whether the database answered a moment ago: 1 or 0."
    );
    Ok(handle)
}

/// Counts answers by the class of their status; counts nothing where nothing is recorded.
#[derive(Clone)]
pub(super) struct RequestCounts(Arc<[Counter; 4]>);

impl RequestCounts {
    pub(super) fn new() -> Self {
        let classes = ["2xx", "3xx", "4xx", "5xx"];
        Self(Arc::new(
            classes.map(|class| counter!(REQUESTS, "status" => class)),
        ))
    }

    pub(super) fn count(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(counter) = class.checked_sub(2).and_then(|class| self.0.get(class)) {
            counter.increment(1);
        }
    }
}

/// The page.
pub(super) fn router(engine: Doorward, handle: PrometheusHandle) -> Router {
    let desk = Arc::new(Desk {
        engine,
        handle,
        counted: Mutex::new(None),
    });
    Router::new().route("/metrics", get(show)).with_state(desk)
}

struct Desk {
    engine: Doorward,
    handle: PrometheusHandle,
    /// The outbox, and when it was counted.
    counted: Mutex<Option<(Timestamp, Option<OutboxCount>)>>,
}

async fn show(State(desk): State<Arc<Desk>>) -> Response {
    let now = SystemClock.now();
    match desk.count_outbox(now).await {
        Some(outbox) => {
            gauge!(DATABASE).set(1);
            tell_of(outbox, now);
        }
        // What was counted last stands: it is all that is known.
        None => gauge!(DATABASE).set(0),
    }
    ([(CONTENT_TYPE, TEXT)], desk.handle.render()).into_response()
}

impl Desk {
    /// Counts the outbox, once for all who ask at about the same time; `None` where the database
    /// does not answer.
    async fn count_outbox(&self, now: Timestamp) -> Option<OutboxCount> {
        let mut counted = self.counted.lock().await;
        // A clock that was set back makes it old as well.
        let is_fresh = |at: Timestamp| at <= now && now.since(at) < FRESH;
        if let Some((_, outbox)) = counted.filter(|(at, _)| is_fresh(*at)) {
            return outbox;
        }
        let counting = tokio::time::timeout(COUNTING, self.engine.count_mail());
        let outbox = counting.await.ok().and_then(Result::ok);
        *counted = Some((SystemClock.now(), outbox));
        outbox
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of mails are small")]
fn tell_of(outbox: OutboxCount, now: Timestamp) {
    let age = outbox.oldest_at.map_or(Duration::ZERO, |at| now.since(at));
    gauge!(WAITING).set(outbox.waiting as f64);
    gauge!(DEAD).set(outbox.dead as f64);
    gauge!(OLDEST).set(age.as_secs_f64());
}
