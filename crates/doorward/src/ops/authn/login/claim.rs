//! Whom an attempt claims to be, and whose failures it adds to if it is wrong.

use std::sync::Arc;

use uuid::Uuid;

use super::{LoginAttempt, LoginError, LoginIdentifier};
use crate::domain::failure::Failure;
use crate::domain::id::UserId;
use crate::engine::Engine;
use crate::keys::Fingerprint;
use crate::lockout::{OriginFingerprints, subject};
use crate::store::db::{StoreError, Tx};
use crate::store::known_origins;
use crate::store::users::{self, LoginRecord};

/// Whom an attempt claims to be.
#[derive(Debug)]
pub(super) struct Claim {
    /// The account, where there is one; an unclaimed one is none where registrations reveal
    /// nothing.
    pub(super) account: Option<LoginRecord>,
    /// Whose attempts and failures are counted together: those on an account by whichever of
    /// its names, or on a name that no account has.
    pub(super) subject: Fingerprint,
}

impl Claim {
    pub(super) fn user(&self) -> Option<UserId> {
        self.account.as_ref().map(|account| account.id)
    }
}

/// Finds out whom an attempt claims to be, at the same cost whether there is such an
/// account or not.
pub(super) async fn find_claim(
    engine: &Arc<Engine>,
    attempt: &LoginAttempt,
) -> Result<Claim, LoginError> {
    let keys = engine.keys();
    let key = keys.fingerprints()?;
    let origin = OriginFingerprints::of(&keys, &attempt.caller.origin)?;
    let network = origin.network;
    let identifier = attempt.identifier.clone();
    // Else whoever registers an address sees at the next login whether it was free: the
    // account would have their password, or no failures any more.
    let only_claimed = !engine.config().registration_reveals;
    let (account, is_known_network) = engine
        .database()
        .read(move |tx| Box::pin(async move { find(tx, &identifier, &origin, only_claimed).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    let subject = match (&account, network) {
        (Some(account), Some(network)) if is_known_network => {
            subject::account_from(key, account.id, network)
        }
        (Some(account), _) => subject::account(key, account.id),
        (None, _) => subject::name(key, attempt.identifier.canonical()),
    };
    Ok(Claim { account, subject })
}

async fn find(
    tx: &mut Tx<'_>,
    identifier: &LoginIdentifier,
    origin: &OriginFingerprints,
    only_claimed: bool,
) -> Result<(Option<LoginRecord>, bool), StoreError> {
    let account = match identifier {
        LoginIdentifier::Email(email) => users::find_login_by_email(tx, email).await?,
        LoginIdentifier::Username(name) => users::find_login_by_username(tx, name).await?,
        LoginIdentifier::Unknown(_) => None,
    };
    let account = account.filter(|account| !only_claimed || !account.is_unclaimed);
    let Some(network) = origin.network else {
        return Ok((account, false));
    };
    // Asked of nobody as well: how long the look takes must not tell whether there is an account.
    let nobody = UserId::from_uuid(Uuid::nil());
    let user = account.as_ref().map_or(nobody, |account| account.id);
    let is_known = known_origins::is_known(tx, user, (origin.key, network)).await?;
    Ok((account, is_known))
}
