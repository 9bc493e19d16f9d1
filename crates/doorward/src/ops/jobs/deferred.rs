//! Requests that are answered before they are carried out.
//!
//! Neither a response nor its time may show whether an account exists. So the request is
//! enqueued and answered, and a worker carries out a moment later what depends on the account.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{JobError, JobKind, JobOptions, enqueue, open_payload};
use crate::domain::caller::Caller;
use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::domain::id::JobId;
use crate::domain::jobs::Queue;
use crate::domain::origin::Origin;
use crate::engine::Engine;
use crate::store::db::{BoxFuture, StoreError, Tx};
use crate::store::jobs::{self, Job};

/// How long a deferred request waits at most. The wait is random, so that a client can't measure
/// the work in the response times of requests that it sends right afterwards.
const MAX_DELAY: Duration = Duration::from_secs(2);
/// How long a request is retried: after that, its user has asked again.
const TTL: Duration = Duration::from_secs(60 * 60);

/// The payload of a deferred job: a request, and where it came from.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Deferred<R> {
    request: R,
    ip: Option<IpAddr>,
    user_agent: Option<String>,
    request_id: Option<String>,
    languages: Option<String>,
}

impl<R> Deferred<R> {
    pub(crate) fn new(request: R, origin: &Origin) -> Self {
        Self {
            request,
            ip: origin.ip(),
            user_agent: origin.user_agent().map(str::to_owned),
            request_id: origin.request_id().map(str::to_owned),
            languages: origin.languages().map(str::to_owned),
        }
    }

    fn into_parts(self) -> (R, Caller) {
        let mut origin = Origin::default();
        if let Some(ip) = self.ip {
            origin = origin.with_ip(ip);
        }
        if let Some(user_agent) = &self.user_agent {
            origin = origin.with_user_agent(user_agent);
        }
        if let Some(request_id) = &self.request_id {
            origin = origin.with_request_id(request_id);
        }
        if let Some(languages) = &self.languages {
            origin = origin.with_languages(languages);
        }
        (self.request, Caller::anonymous(origin))
    }
}

impl<R> JobKind<Deferred<R>> {
    /// The kind of deferred job with this name.
    pub(crate) const fn deferred(name: &'static str) -> Self {
        Self::new(Queue::Deferred, name)
    }
}

/// Enqueues a request to be carried out after a random delay. The job has no account, because
/// whether there is one must not show.
pub(crate) async fn defer<R: Serialize>(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    kind: JobKind<Deferred<R>>,
    request: &Deferred<R>,
) -> Result<(), StoreError> {
    let options = JobOptions {
        user: None,
        delay: random_delay(engine.entropy()),
        ttl: TTL,
        dedupe_key: None,
    };
    enqueue(engine, tx, kind, request, options).await
}

fn random_delay(entropy: &dyn Entropy) -> Duration {
    let mut random = [0; 4];
    entropy.fill(&mut random);
    MAX_DELAY.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

/// Opens a deferred job of this kind. Returns the request and the caller that sent it.
pub(crate) fn open_deferred<R: DeserializeOwned>(
    engine: &Arc<Engine>,
    kind: JobKind<Deferred<R>>,
    job: &Job,
) -> Result<(R, Caller), JobError> {
    open_payload(engine, kind, job).map(Deferred::into_parts)
}

/// Runs `effect` in the transaction that deletes the job. Returns `None`, and has no effect, if
/// another process has completed the job.
pub(crate) async fn complete_with<T, E, F>(
    engine: &Arc<Engine>,
    job: JobId,
    effect: F,
) -> Result<Option<T>, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                if !jobs::consume(tx, job).await? {
                    return Ok(None);
                }
                effect(tx).await.map(Some)
            })
        })
        .await
}

/// Completes a job that has no effect.
pub(crate) async fn drop_job(engine: &Arc<Engine>, job: JobId) -> Result<(), Failure> {
    complete_with(engine, job, |_| Box::pin(async { Ok(()) }))
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}
