//! Whom an attempt claims to be, and whose failures it adds to if it is wrong.

use std::time::Duration;

use uuid::Uuid;

use super::{LoginAttempt, LoginError, LoginIdentifier};
use crate::authn::lockout::subject::{self, OriginFingerprints};
use crate::authn::lockout::{FailuresSoFar, MEMORY, NotLetIn, Turn};
use crate::authn::password::HasherBusy;
use crate::clock::Timestamp;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::UserId;
use crate::keys::Fingerprint;
use crate::store::db::{StoreError, Tx};
use crate::store::known_origins;
use crate::store::login_failures::{self, FailureRecord};
use crate::store::users::{self, LoginRecord};

/// Whom an attempt claims to be.
#[derive(Debug)]
pub(super) struct Claim {
    /// The account, where there is one.
    pub(super) account: Option<LoginRecord>,
    /// What is limited: the account by whichever of its names, or the name.
    pub(super) limited: Fingerprint,
    /// Whose failures are counted together.
    pub(super) subject: Fingerprint,
}

impl Claim {
    pub(super) fn user(&self) -> Option<UserId> {
        self.account.as_ref().map(|account| account.id)
    }
}

impl Doorward {
    /// Finds out whom an attempt claims to be, at the same cost whether there is such an
    /// account or not.
    pub(super) async fn find_claim(&self, attempt: &LoginAttempt) -> Result<Claim, LoginError> {
        let key = &self.keys().fingerprints;
        let network = OriginFingerprints::of(key, &attempt.caller.origin).network;
        let identifier = attempt.identifier.clone();
        let (account, is_known_network) = self
            .database()
            .read(move |tx| Box::pin(async move { find(tx, &identifier, network).await }))
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        let limited = match &account {
            Some(account) => subject::account(key, account.id),
            None => subject::name(key, attempt.identifier.canonical()),
        };
        let subject = match (&account, network) {
            (Some(account), Some(network)) if is_known_network => {
                subject::account_from(key, account.id, network)
            }
            _ => limited,
        };
        Ok(Claim {
            account,
            limited,
            subject,
        })
    }

    /// Waits for a turn to try to log in as this subject.
    pub(crate) async fn wait_for_turn(&self, subject: Fingerprint) -> Result<Turn, TurnRefused> {
        let load = || async {
            let found = self
                .database()
                .read(move |tx| Box::pin(async move { login_failures::find(tx, subject).await }))
                .await
                .map_err(|error: StoreError| Failure::from(error))?;
            Ok(found.map_or(FailuresSoFar::NONE, |record| standing(record, self.now())))
        };
        let entered = self
            .attempts()
            .enter(subject, &self.config().lockout, || self.now(), load)
            .await;
        entered.map_err(|refusal| match refusal {
            NotLetIn::LockedUntil(until) => TurnRefused::Locked {
                retry_after: until.since(self.now()),
            },
            NotLetIn::TooManyWaiting => TurnRefused::Internal(busy().into()),
            NotLetIn::Unknown(failure) => TurnRefused::Internal(failure),
        })
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

async fn find(
    tx: &mut Tx<'_>,
    identifier: &LoginIdentifier,
    network: Option<Fingerprint>,
) -> Result<(Option<LoginRecord>, bool), StoreError> {
    let account = match identifier {
        LoginIdentifier::Email(email) => users::find_login_by_email(tx, email).await?,
        LoginIdentifier::Username(name) => users::find_login_by_username(tx, name).await?,
        LoginIdentifier::Unknown(_) => None,
    };
    let Some(network) = network else {
        return Ok((account, false));
    };
    // Asked of nobody as well: how long the look takes must not tell whether there is an account.
    let nobody = UserId::from_uuid(Uuid::nil());
    let user = account.as_ref().map_or(nobody, |account| account.id);
    let is_known = known_origins::is_known(tx, user, network).await?;
    Ok((account, is_known))
}

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
