//! A turn to try, and the failure that it may end with.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::audit::Record;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::domain::lockout::MEMORY;
use crate::engine::Engine;
use crate::keys::Fingerprint;
use crate::lockout::{FailuresSoFar, NotLetIn, Turn};
use crate::password::HasherBusy;
use crate::store::audit;
use crate::store::db::{Constraint, StoreError, Tx};
use crate::store::login_failures::{self, FailureRecord};

/// Waits for a turn to try to log in as this subject.
pub(crate) async fn wait_for_turn(
    engine: &Arc<Engine>,
    subject: Fingerprint,
) -> Result<Turn, TurnRefused> {
    let load = || async {
        let found = engine
            .database()
            .read(move |tx| Box::pin(async move { login_failures::find(tx, subject).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(found.map_or(FailuresSoFar::NONE, |record| standing(record, engine.now())))
    };
    let entered = engine
        .attempts()
        .enter(subject, &engine.config().lockout, || engine.now(), load)
        .await;
    entered.map_err(|refusal| match refusal {
        NotLetIn::LockedUntil(until) => TurnRefused::Locked {
            retry_after: until.since(engine.now()),
        },
        NotLetIn::TooManyWaiting => TurnRefused::Internal(busy().into()),
        NotLetIn::Unknown(failure) => TurnRefused::Internal(failure),
    })
}

/// Writes a failure down that nobody but the caller needs to hear of.
pub(crate) async fn count_failure(
    engine: &Arc<Engine>,
    turn: &Turn,
    user: Option<UserId>,
    record: Record,
) -> Result<(), Failure> {
    let (owned, subject) = (Arc::clone(engine), turn.subject());
    let counted = engine
        .database()
        .write(move |tx| {
            Box::pin(async move {
                count_failure_in(&owned, tx, subject, user, &record).await?;
                Ok(())
            })
        })
        .await;
    unless_deleted(counted)
}

/// Counts one more failure and locks the subject for as long as it means.
pub(crate) async fn count_failure_in(
    engine: &Arc<Engine>,
    tx: &mut Tx<'_>,
    subject: Fingerprint,
    user: Option<UserId>,
    record: &Record,
) -> Result<Counted, StoreError> {
    let now = engine.now();
    let failures = login_failures::count(tx, subject, user, now, now - MEMORY).await?;
    audit::insert(tx, record).await?;
    let failures = u32::try_from(failures).unwrap_or(u32::MAX);
    let policy = engine.config().lockout;
    let wait = policy.wait_after(failures);
    if !wait.is_zero() {
        login_failures::lock(tx, subject, now + wait).await?;
    }
    Ok(Counted {
        begins_to_lock: policy.begins_to_lock_at(failures),
        locked_until: now + wait,
    })
}

/// What a failure that was counted means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// Whether the owner is to be told.
    pub(crate) begins_to_lock: bool,
    pub(crate) locked_until: Timestamp,
}

/// An account that was deleted meanwhile has no failures any more.
pub(crate) fn unless_deleted(counted: Result<(), StoreError>) -> Result<(), Failure> {
    match counted {
        Err(StoreError::Constraint(Constraint::Reference)) => Ok(()),
        other => other.map_err(Failure::from),
    }
}

fn busy() -> HasherBusy {
    HasherBusy {
        retry_after: Duration::from_secs(2),
    }
}

/// Why somebody may not try at this moment.
#[derive(Debug)]
pub(crate) enum TurnRefused {
    /// Too many attempts failed.
    Locked {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// It could not be found out, or too many wait.
    Internal(Failure),
}

impl From<Failure> for TurnRefused {
    fn from(failure: Failure) -> Self {
        Self::Internal(failure)
    }
}

/// Lets `?` turn a refused turn into an operation's own variants.
macro_rules! fails_by_turn {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::ops::authn::attempt::TurnRefused> for $error {
            fn from(refused: $crate::ops::authn::attempt::TurnRefused) -> Self {
                use $crate::ops::authn::attempt::TurnRefused;
                match refused {
                    TurnRefused::Locked { retry_after } => Self::Locked { retry_after },
                    TurnRefused::Internal(failure) => Self::Internal(failure),
                }
            }
        }
    )+};
}

pub(crate) use fails_by_turn;

/// What failures mean now: old ones nothing, and no lock outlasts the longest there is, whatever
/// was done to the clock.
fn standing(record: FailureRecord, now: Timestamp) -> FailuresSoFar {
    let is_forgotten = record.last_failed_at < now - MEMORY && record.locked_until <= now;
    if is_forgotten || record.locked_until > now + MEMORY {
        return FailuresSoFar::NONE;
    }
    FailuresSoFar {
        failures: u32::try_from(record.failures).unwrap_or(u32::MAX),
        locked_until: record.locked_until,
    }
}
