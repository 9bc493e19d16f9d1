//! The jobs that operations leave behind, and the operations that carry them out.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::failure::{Failure, RETRY_AFTER};
use crate::domain::id::UserId;
use crate::engine::Engine;
use crate::engine::hooks::tell_of_registration_later;
use crate::keys::OpenError;
use crate::ops::account::recovery::mail_password_reset;
use crate::ops::account::register::register_deferred;
use crate::ops::authn::login::tell_of_lock;
use crate::ops::deferred::{DeferredRequest, drop_request, open_request};
use crate::ops::mail::{Delivery, delivery};
use crate::store::db::StoreError;
use crate::store::deferred::{self, DeferredRecord};

/// How many are looked up at once.
const BATCH: i64 = 100;
/// After how long a request that can't be carried out is given up: whoever made it has
/// long asked again.
const GIVEN_UP: Duration = Duration::from_secs(60 * 60);

/// Carries out what was put off, and sends all mail that is due; tells what became of it.
pub(crate) async fn deliver_mail(engine: &Arc<Engine>) -> Result<Delivery, Failure> {
    finish_deferred(engine).await?;
    delivery::send_all_due(engine).await
}

/// Carries out all requests that wait, and what the application does about them; tells how
/// many it were.
async fn finish_deferred(engine: &Arc<Engine>) -> Result<usize, Failure> {
    let mut hooks = JoinSet::new();
    let done = carry_out_deferred(engine, &mut hooks).await;
    while hooks.join_next().await.is_some() {}
    done
}

/// Carries out all requests that wait; tells how many it were. What the application does
/// about them goes on in `hooks`, and holds up no other request.
pub(crate) async fn carry_out_deferred(
    engine: &Arc<Engine>,
    hooks: &mut JoinSet<()>,
) -> Result<usize, Failure> {
    let before = engine.now() - GIVEN_UP;
    let mut done = 0;
    loop {
        let waiting = engine
            .database()
            .read(|tx| Box::pin(async move { deferred::list(tx, BATCH).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let mut failed = false;
        for record in &waiting {
            match carry_out(engine, record, hooks).await {
                Ok(()) => done += 1,
                Err(error) => {
                    warn_of(&error);
                    if error.retry_after().is_some() {
                        failed = true;
                    } else {
                        // Or it would stand in the way of all that come after it.
                        drop_request(engine, record.id).await?;
                    }
                }
            }
        }
        if failed {
            return give_up_deferred(engine, before).await.map(|()| done);
        }
        if waiting.is_empty() {
            return Ok(done);
        }
    }
}

async fn give_up_deferred(engine: &Arc<Engine>, before: Timestamp) -> Result<(), Failure> {
    engine
        .database()
        .write(move |tx| Box::pin(async move { deferred::purge(tx, before).await }))
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}

/// Carries one request out, unless somebody else was faster.
async fn carry_out(
    engine: &Arc<Engine>,
    record: &DeferredRecord,
    hooks: &mut JoinSet<()>,
) -> Result<(), Failure> {
    let (request, origin) = match open_request(engine, record) {
        Ok(opened) => opened,
        // Another server, or this one with the previous secret, may open it.
        Err(error @ OpenError::UnknownKey) => {
            let what = "a deferred request waits for its key";
            return Err(Failure::of(what, Some(RETRY_AFTER), error));
        }
        Err(error @ OpenError::Invalid) => return Err(Failure::internal(error)),
    };
    let caller = Caller::anonymous(origin);
    match request {
        DeferredRequest::ResetPassword { email } => {
            let email = email.parse().map_err(Failure::internal)?;
            mail_password_reset(engine, Some(record.id), &email, &caller)
                .await
                .map(drop)
        }
        DeferredRequest::Register(registration) => {
            let made = register_deferred(engine, record.id, registration, &caller).await?;
            if let Some(user) = made {
                hooks.spawn(tell_of_registration_later(Arc::clone(engine), user, caller));
            }
            Ok(())
        }
        DeferredRequest::TellOfLock { user, until } => {
            tell_of_lock(
                engine,
                record.id,
                user.map(UserId::from_uuid),
                Timestamp::from_millis(until),
                &caller,
            )
            .await
        }
    }
}

fn warn_of(error: &Failure) {
    let is_retried = error.retry_after().is_some();
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, is_retried, "a request that was put off failed");
}
