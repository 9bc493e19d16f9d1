//! When a captcha is asked for.

use std::sync::Arc;

use super::Engine;
use crate::captcha::{CaptchaGate, CaptchaOffer, CaptchaRefused, LONGEST_TOKEN};
use crate::domain::caller::{Actor, Caller};
use crate::domain::origin::ClientNetwork;

/// What a client has to show or to solve for a captcha, and whether it is asked for one
/// as things stand; `None` where there are no captchas.
pub(crate) async fn find_captcha(engine: &Arc<Engine>, caller: &Caller) -> Option<CaptchaOffer> {
    let gate = engine.captcha()?;
    Some(CaptchaOffer {
        challenge: gate.captcha.challenge(engine.now()),
        is_required: needs_captcha(engine, gate, 0, caller).await,
    })
}

/// Refuses who has failed too often, or whose network has, and shows no solved captcha.
///
/// `failures_of_subject` are those of the account that it is about, whether there is such
/// an account or not. The token is used up.
pub(crate) async fn check_captcha(
    engine: &Arc<Engine>,
    failures_of_subject: u32,
    caller: &Caller,
    token: Option<&str>,
) -> Result<(), CaptchaRefused> {
    let Some(gate) = engine.captcha() else {
        return Ok(());
    };
    if !needs_captcha(engine, gate, failures_of_subject, caller).await {
        return Ok(());
    }
    let now = engine.now();
    let challenge = || Box::new(gate.captcha.challenge(now));
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err(CaptchaRefused::Required(challenge()));
    };
    if token.len() > LONGEST_TOKEN {
        return Err(CaptchaRefused::Wrong(challenge()));
    }
    match gate.captcha.verify(token, caller.origin.ip(), now).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(CaptchaRefused::Wrong(challenge())),
        Err(unavailable) => Err(unavailable.into()),
    }
}

/// Counts a failure, or what is to be as rare as one, against the caller's network.
pub(crate) async fn note_failure(engine: &Arc<Engine>, caller: &Caller) {
    if let Some(gate) = engine.captcha() {
        count_failures(engine, gate, caller, 1).await;
    }
}

async fn needs_captcha(
    engine: &Arc<Engine>,
    gate: &CaptchaGate,
    failures: u32,
    caller: &Caller,
) -> bool {
    match caller.actor {
        Actor::Operator => false,
        Actor::Anonymous | Actor::User(_) => {
            failures >= gate.after_failures || !count_failures(engine, gate, caller, 0).await
        }
    }
}

/// Whether the caller's network may fail so many times more. Who comes from nowhere is
/// not counted.
async fn count_failures(
    engine: &Arc<Engine>,
    gate: &CaptchaGate,
    caller: &Caller,
    failures: u32,
) -> bool {
    let (Some(rate), Some(ip)) = (gate.free_failures, caller.origin.ip()) else {
        return true;
    };
    let key = format!("captcha:network:{}", ClientNetwork::of(ip));
    let decision = engine
        .limiter()
        .take(&key, rate, failures, engine.now())
        .await;
    decision.is_allowed
}
