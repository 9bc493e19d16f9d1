//! Where the app has its say in what Doorward does.

use doorward::{
    BeforeRegister, ClaimName, ClaimsContext, EmailAddress, ExtraClaims, Hooked, Hooks,
    RegistrationRefused,
};

use crate::roles::Staff;

/// Tells other services that read the access tokens who is staff.
const STAFF: ClaimName = ClaimName::new("staff");

/// The company whose people this is for.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) domain: &'static str,
}

impl Company {
    fn employs(&self, email: &EmailAddress) -> bool {
        let (_, domain) = email.canonical().rsplit_once('@').unwrap_or_default();
        domain == self.domain
    }
}

/// Keeps out who is not meant. That somebody has the address that they sign up with, only its
/// verification shows: what depends on it asks for `RequireVerified`, or the whole app for
/// `Builder::require_verified_email`.
impl Hooks for Company {
    fn before_register<'a>(
        &'a self,
        event: &'a BeforeRegister<'a>,
    ) -> Hooked<'a, Result<(), RegistrationRefused>> {
        Box::pin(async move {
            if event.email.is_some_and(|email| self.employs(email)) {
                return Ok(());
            }
            let domain = self.domain;
            let sentence = format!("Sign up with your address at {domain}");
            Err(RegistrationRefused::new(sentence))
        })
    }

    fn claims(&self, context: &ClaimsContext<'_>) -> ExtraClaims {
        let is_staff = context.user.role_of::<Staff>().is_some();
        ExtraClaims::new().with(STAFF, is_staff)
    }
}
