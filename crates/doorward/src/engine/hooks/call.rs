//! How the engine calls hooks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use doorward_protocol::claims::ExtraClaims;
use tokio::time::timeout;

use super::{AfterLogin, AfterRegister, BeforeRegister, ClaimsContext, Hooks, RegistrationRefused};
use crate::domain::account::{NewUser, User};
use crate::domain::authz::RoleName;
use crate::domain::caller::Caller;
use crate::domain::id::SessionId;
use crate::engine::{Doorward, Engine};

/// For how long a hook runs at the most that nobody waits for: it keeps the engine alive.
const LONGEST_IN_BACKGROUND: Duration = Duration::from_secs(60);

fn hooks(engine: &Arc<Engine>) -> Option<&Arc<dyn Hooks>> {
    engine.config().hooks.as_ref()
}

/// Asks the application whether somebody may register.
pub(crate) async fn ask_before_register(
    engine: &Arc<Engine>,
    new: &NewUser,
    caller: &Caller,
) -> Result<(), RegistrationRefused> {
    let Some(hooks) = hooks(engine) else {
        return Ok(());
    };
    let everybodys = RoleName::USER;
    let event = BeforeRegister {
        email: new.email.as_ref(),
        username: new.username.as_ref(),
        full_name: new.full_name.as_ref(),
        role: new.roles.first().unwrap_or(&everybodys),
        caller,
        engine: &Doorward(Arc::clone(engine)),
    };
    hooks.before_register(&event).await
}

/// Tells the application that somebody has registered.
pub(crate) async fn tell_of_registration(engine: &Arc<Engine>, user: &User, caller: &Caller) {
    let Some(hooks) = hooks(engine) else { return };
    let event = AfterRegister {
        user,
        caller,
        engine: &Doorward(Arc::clone(engine)),
    };
    unless_it_panics("after_register", async {
        hooks.after_register(&event).await;
    })
    .await;
}

/// The same where nobody waits for it.
pub(crate) async fn tell_of_registration_later(engine: Arc<Engine>, user: User, caller: Caller) {
    let told = tell_of_registration(&engine, &user, &caller);
    if timeout(LONGEST_IN_BACKGROUND, told).await.is_err() {
        tracing::error!(hook = "after_register", "a hook took too long");
    }
}

/// Tells the application that somebody has logged in.
pub(crate) async fn tell_of_login(
    engine: &Arc<Engine>,
    user: &User,
    session: SessionId,
    caller: &Caller,
) {
    let Some(hooks) = hooks(engine) else { return };
    let event = AfterLogin {
        user,
        session,
        caller,
        engine: &Doorward(Arc::clone(engine)),
    };
    unless_it_panics("after_login", async {
        hooks.after_login(&event).await;
    })
    .await;
}

/// What the application adds to an access token.
pub(crate) fn extra_claims(engine: &Arc<Engine>, user: &User, session: SessionId) -> ExtraClaims {
    hooks(engine).map_or_else(ExtraClaims::new, |hooks| {
        hooks.claims(&ClaimsContext { user, session })
    })
}

/// Runs a hook that can change nothing any more; a panic is logged and goes no further.
///
/// What panicked is dropped and never run again, so no broken state of it is seen.
async fn unless_it_panics(name: &'static str, hook: impl Future<Output = ()>) {
    let mut hook = pin!(hook);
    let has_ended = std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| hook.as_mut().poll(context)))
            .map_or(Poll::Ready(false), |poll| poll.map(|()| true))
    });
    if !has_ended.await {
        tracing::error!(hook = name, "a hook panicked");
    }
}
