//! Requests that are answered before they are carried out.
//!
//! Whether an account exists must show in no answer, and not in the time that it takes. So
//! what depends on it is put off: the request is written down, encrypted, and answered; it
//! is carried out a moment later by a worker.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::failure::Failure;
use crate::domain::id::MailId;
use crate::domain::origin::Origin;
use crate::engine::Engine;
use crate::keys::OpenError;
use crate::store::db::{StoreError, Tx};
use crate::store::deferred::{self, DeferredRecord};

/// What is to be done later.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum DeferredRequest {
    /// To mail a link to set a new password, if there is an account of this address.
    ResetPassword { email: String },
    /// To make an account, or to tell the address that it has one.
    Register(DeferredRegistration),
    /// To tell an account's owner, if there is one, that logins are locked.
    TellOfLock { user: Option<Uuid>, until: i64 },
}

/// A registration whose password was checked and hashed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DeferredRegistration {
    pub(crate) email: String,
    pub(crate) username: Option<String>,
    pub(crate) full_name: Option<String>,
    pub(crate) hash: String,
    pub(crate) role: String,
}

/// A request with where it came from, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    request: DeferredRequest,
    ip: Option<std::net::IpAddr>,
    user_agent: Option<String>,
    request_id: Option<String>,
    languages: Option<String>,
}

/// Writes a request down, in the transaction of what it belongs to.
pub(crate) async fn put_off(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    request: &DeferredRequest,
    origin: &Origin,
) -> Result<(), StoreError> {
    let record = seal_request(engine, request, origin).map_err(StoreError::internal)?;
    deferred::insert(tx, &record, engine.now()).await
}

fn seal_request(
    engine: &Arc<Engine>,
    request: &DeferredRequest,
    origin: &Origin,
) -> Result<DeferredRecord, Failure> {
    let id = MailId::generate(engine.now(), engine.entropy());
    let sealed = Sealed {
        request: request.clone(),
        ip: origin.ip(),
        user_agent: origin.user_agent().map(str::to_owned),
        request_id: origin.request_id().map(str::to_owned),
        languages: origin.languages().map(str::to_owned),
    };
    let plain = serde_json::to_vec(&sealed).map_err(Failure::internal)?;
    let sealed = engine
        .keys()
        .sealing
        .seal(id.as_uuid().as_bytes(), &plain, engine.entropy())?;
    Ok(DeferredRecord { id, sealed })
}

/// Opens a sealed request. Returns it with its origin.
pub(crate) fn open_request(
    engine: &Arc<Engine>,
    record: &DeferredRecord,
) -> Result<(DeferredRequest, Origin), OpenError> {
    let place = record.id.as_uuid();
    let plain = engine
        .keys()
        .sealing
        .open(place.as_bytes(), &record.sealed)?;
    let sealed: Sealed = serde_json::from_slice(&plain).map_err(|_| OpenError::Invalid)?;
    let mut origin = Origin::default();
    if let Some(ip) = sealed.ip {
        origin = origin.with_ip(ip);
    }
    if let Some(user_agent) = &sealed.user_agent {
        origin = origin.with_user_agent(user_agent);
    }
    if let Some(request_id) = &sealed.request_id {
        origin = origin.with_request_id(request_id);
    }
    if let Some(languages) = &sealed.languages {
        origin = origin.with_languages(languages);
    }
    Ok((sealed.request, origin))
}

/// Deletes a request that needs no work any more.
pub(crate) async fn drop_request(engine: &Arc<Engine>, id: MailId) -> Result<(), Failure> {
    engine
        .database()
        .write(move |tx| Box::pin(async move { deferred::consume(tx, id).await }))
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}
