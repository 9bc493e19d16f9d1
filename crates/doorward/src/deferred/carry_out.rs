//! Requests that were put off, carried out.

use std::time::Duration;

use tokio::task::JoinSet;

use super::DeferredRequest;
use crate::authz::Caller;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::{MailId, UserId};
use crate::mail::{MailFacts, MailKind};
use crate::store::db::StoreError;
use crate::store::deferred::{self, DeferredRecord};
use crate::store::users;

/// How many are looked up at once.
const BATCH: i64 = 100;
/// After how long a request that can't be carried out is given up: whoever made it has
/// long asked again.
const GIVEN_UP: Duration = Duration::from_secs(60 * 60);

impl Doorward {
    /// Carries out all requests that wait, and what the application does about them; tells how
    /// many it were.
    pub(crate) async fn finish_deferred(&self) -> Result<usize, Failure> {
        let mut hooks = JoinSet::new();
        let done = self.carry_out_deferred(&mut hooks).await;
        while hooks.join_next().await.is_some() {}
        done
    }

    /// Carries out all requests that wait; tells how many it were. What the application does
    /// about them goes on in `hooks`, and holds up no other request.
    pub(crate) async fn carry_out_deferred(
        &self,
        hooks: &mut JoinSet<()>,
    ) -> Result<usize, Failure> {
        let before = self.now() - GIVEN_UP;
        let mut done = 0;
        loop {
            let waiting = self
                .database()
                .read(|tx| Box::pin(async move { deferred::list(tx, BATCH).await }))
                .await
                .map_err(|error: StoreError| Failure::from(error))?;
            let mut failed = false;
            for record in &waiting {
                match self.carry_out(record, hooks).await {
                    Ok(()) => done += 1,
                    Err(error) => {
                        warn_of(&error);
                        if error.retry_after().is_some() {
                            failed = true;
                        } else {
                            // Or it would stand in the way of all that come after it.
                            self.drop_request(record.id).await?;
                        }
                    }
                }
            }
            if failed {
                return self.give_up_deferred(before).await.map(|()| done);
            }
            if waiting.is_empty() {
                return Ok(done);
            }
        }
    }

    async fn give_up_deferred(&self, before: Timestamp) -> Result<(), Failure> {
        self.database()
            .write(move |tx| Box::pin(async move { deferred::purge(tx, before).await }))
            .await
            .map(drop)
            .map_err(|error: StoreError| error.into())
    }

    /// Carries one request out, unless somebody else was faster.
    async fn carry_out(
        &self,
        record: &DeferredRecord,
        hooks: &mut JoinSet<()>,
    ) -> Result<(), Failure> {
        let Some((request, origin)) = self.open_request(record) else {
            tracing::warn!("a request was put off under another SECRET_KEY");
            return self.drop_request(record.id).await;
        };
        let caller = Caller::anonymous(origin);
        match request {
            DeferredRequest::ResetPassword { email } => {
                let email = email.parse().map_err(Failure::internal)?;
                self.mail_password_reset(Some(record.id), &email, &caller)
                    .await
                    .map(drop)
            }
            DeferredRequest::Register(registration) => {
                let made = self
                    .register_deferred(record.id, registration, &caller)
                    .await?;
                if let Some(user) = made {
                    hooks.spawn(self.clone().tell_of_registration_later(user, caller));
                }
                Ok(())
            }
            DeferredRequest::TellOfLock { user, until } => {
                self.tell_of_lock(
                    record.id,
                    user.map(UserId::from_uuid),
                    Timestamp::from_millis(until),
                    &caller,
                )
                .await
            }
        }
    }

    pub(crate) async fn drop_request(&self, id: MailId) -> Result<(), Failure> {
        self.database()
            .write(move |tx| Box::pin(async move { deferred::consume(tx, id).await }))
            .await
            .map(drop)
            .map_err(|error: StoreError| error.into())
    }

    async fn tell_of_lock(
        &self,
        request: MailId,
        user: Option<UserId>,
        until: Timestamp,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let Some(user) = user else {
            return self.drop_request(request).await;
        };
        let (engine, origin) = (self.clone(), caller.origin.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if !deferred::consume(tx, request).await? {
                        return Ok(());
                    }
                    let Some(owner) = users::find(tx, user).await? else {
                        return Ok(());
                    };
                    let now = engine.now();
                    let facts = MailFacts::of_event(&origin, now)
                        .valid_for(in_whole_minutes(until.since(now)));
                    let to = owner.recipient();
                    let kind = MailKind::AccountLocked;
                    engine.tell(tx, to, kind, facts, &origin).await
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}

/// Rounded up: a wait is never told shorter than it is.
fn in_whole_minutes(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs().div_ceil(60) * 60)
}

fn warn_of(error: &Failure) {
    let is_retried = error.retry_after().is_some();
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, is_retried, "a request that was put off failed");
}
