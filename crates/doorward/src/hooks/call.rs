//! How the engine calls hooks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use doorward_protocol::claims::ExtraClaims;
use tokio::time::timeout;

use super::{AfterLogin, AfterRegister, BeforeRegister, ClaimsContext, Hooks, RegistrationRefused};
use crate::account::{NewUser, RegisterError, User};
use crate::authz::{Caller, RoleName};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::SessionId;

/// For how long a hook runs at the most that nobody waits for: it keeps the engine alive.
const LONGEST_IN_BACKGROUND: Duration = Duration::from_secs(60);

impl From<RegistrationRefused> for RegisterError {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            RegistrationRefused::Because(sentence) => Self::Refused(sentence),
            RegistrationRefused::Undecided(reason) => Self::Internal(Failure::undecided(reason)),
        }
    }
}

impl Doorward {
    fn hooks(&self) -> Option<&Arc<dyn Hooks>> {
        self.config().hooks.as_ref()
    }

    /// Asks the application whether somebody may register.
    pub(crate) async fn ask_before_register(
        &self,
        new: &NewUser,
        caller: &Caller,
    ) -> Result<(), RegisterError> {
        let Some(hooks) = self.hooks() else {
            return Ok(());
        };
        let everybodys = RoleName::USER;
        let event = BeforeRegister {
            email: new.email.as_ref(),
            username: new.username.as_ref(),
            full_name: new.full_name.as_ref(),
            role: new.roles.first().unwrap_or(&everybodys),
            caller,
            engine: self,
        };
        Ok(hooks.before_register(&event).await?)
    }

    /// Tells the application that somebody has registered.
    pub(crate) async fn tell_of_registration(&self, user: &User, caller: &Caller) {
        let Some(hooks) = self.hooks() else { return };
        let event = AfterRegister {
            user,
            caller,
            engine: self,
        };
        unless_it_panics("after_register", async {
            hooks.after_register(&event).await;
        })
        .await;
    }

    /// The same where nobody waits for it.
    pub(crate) async fn tell_of_registration_later(self, user: User, caller: Caller) {
        let told = self.tell_of_registration(&user, &caller);
        if timeout(LONGEST_IN_BACKGROUND, told).await.is_err() {
            tracing::error!(hook = "after_register", "a hook took too long");
        }
    }

    /// Tells the application that somebody has logged in.
    pub(crate) async fn tell_of_login(&self, user: &User, session: SessionId, caller: &Caller) {
        let Some(hooks) = self.hooks() else { return };
        let event = AfterLogin {
            user,
            session,
            caller,
            engine: self,
        };
        unless_it_panics("after_login", async {
            hooks.after_login(&event).await;
        })
        .await;
    }

    /// What the application adds to an access token.
    pub(crate) fn extra_claims(&self, user: &User, session: SessionId) -> ExtraClaims {
        self.hooks().map_or_else(ExtraClaims::new, |hooks| {
            hooks.claims(&ClaimsContext { user, session })
        })
    }
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
