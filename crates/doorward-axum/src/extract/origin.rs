//! Where a request came from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use doorward::{Caller, Origin};
use http::header;
use http::request::Parts;

use super::ClientAddress;
use crate::request_id::RequestId;

/// Where a request came from, as the audit trail and the list of sessions show it.
///
/// ```
/// use axum::extract::State;
/// use doorward::{Doorward, EmailAddress};
/// use doorward_axum::RequestOrigin;
/// use doorward_axum::problem::Problem;
///
/// async fn forgot(
///     State(auth): State<Doorward>,
///     origin: RequestOrigin,
///     email: String,
/// ) -> Result<&'static str, Problem> {
///     // Limits are counted by where somebody comes from.
///     if let Ok(email) = email.parse::<EmailAddress>() {
///         auth.request_password_reset(&email, &origin.anonymous()).await?;
///     }
///     Ok("Look into your mail")
/// }
/// # let _: axum::Router<Doorward> = axum::Router::new()
/// #     .route("/forgot", axum::routing::post(forgot));
/// ```
#[derive(Clone, Debug)]
pub struct RequestOrigin(pub Origin);

impl RequestOrigin {
    /// Nobody in particular, from here.
    pub fn anonymous(self) -> Caller {
        Caller::anonymous(self.0)
    }

    pub(super) fn of(parts: &Parts) -> Self {
        let mut origin = Origin::default();
        if let Some(ip) = ClientAddress::of(parts) {
            origin = origin.with_ip(ip);
        }
        if let Some(user_agent) = parts.headers.get(header::USER_AGENT) {
            origin = origin.with_user_agent(&String::from_utf8_lossy(user_agent.as_bytes()));
        }
        if let Some(languages) = parts.headers.get(header::ACCEPT_LANGUAGE) {
            origin = origin.with_languages(&String::from_utf8_lossy(languages.as_bytes()));
        }
        if let Some(id) = parts.extensions.get::<RequestId>() {
            origin = origin.with_request_id(id.as_str());
        }
        Self(origin)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
