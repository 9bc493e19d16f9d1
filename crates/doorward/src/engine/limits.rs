//! The limits, as the engine's operations ask for them.

use std::sync::Arc;

use super::Engine;
use crate::domain::caller::{Actor, Caller};
use crate::domain::limits::{LimitClass, Rate, Throttled};
use crate::domain::origin::ClientNetwork;

/// Counts a thing of this class for the caller's network, before anything is paid for it.
///
/// Who runs the software is not limited, and neither is who comes from nowhere.
pub(crate) async fn check_network_limit(
    engine: &Arc<Engine>,
    class: LimitClass,
    caller: &Caller,
) -> Result<(), Throttled> {
    let Some(rate) = limit_for(engine, class, caller) else {
        return Ok(());
    };
    let Some(ip) = caller.origin.ip() else {
        engine.warn_of_unknown_addresses();
        return Ok(());
    };
    let network = ClientNetwork::of(ip);
    count(
        engine,
        class,
        rate,
        format!("{}:network:{network}", class.as_str()),
    )
    .await
}

/// Counts a thing of this class for the account that it is about.
///
/// `account` is an account's id, or a keyed hash of the name that was given: what is
/// counted must be the same whether there is such an account or not.
pub(crate) async fn check_account_limit(
    engine: &Arc<Engine>,
    class: LimitClass,
    caller: &Caller,
    account: &str,
) -> Result<(), Throttled> {
    let Some(rate) = limit_for(engine, class, caller) else {
        return Ok(());
    };
    count(
        engine,
        class,
        rate,
        format!("{}:account:{account}", class.as_str()),
    )
    .await
}

fn limit_for(engine: &Arc<Engine>, class: LimitClass, caller: &Caller) -> Option<Rate> {
    match caller.actor {
        Actor::Operator => None,
        Actor::Anonymous | Actor::User(_) => engine.config().rate_limits.of(class),
    }
}

async fn count(
    engine: &Arc<Engine>,
    class: LimitClass,
    rate: Rate,
    key: String,
) -> Result<(), Throttled> {
    let decision = engine.limiter().take(&key, rate, 1, engine.now()).await;
    if decision.is_allowed {
        return Ok(());
    }
    Err(Throttled {
        class,
        rate,
        remaining: decision.remaining,
        retry_after: decision.retry_after,
    })
}
