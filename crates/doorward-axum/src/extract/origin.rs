//! Where a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use doorward::{Caller, Origin};
use http::header;
use http::request::Parts;

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

/// The address of the client, as a request extension.
///
/// Who serves the router puts it there, because only who knows the proxies in front can
/// tell it. Without it the peer of the connection counts, from axum's [`ConnectInfo`].
///
/// ```
/// # use axum::{Router, routing::get};
/// use axum::extract::Request;
/// use axum::middleware::{Next, from_fn};
/// use axum::response::Response;
/// use doorward_axum::{ClientAddress, RequestOrigin};
///
/// /// For an app that nobody reaches but through one proxy, which adds the address that it sees
/// /// to `X-Forwarded-For`: the last is the proxy's word, those before are anybody's.
/// async fn trust_the_proxy(mut request: Request, next: Next) -> Response {
///     let sent = request.headers().get_all("x-forwarded-for").into_iter().next_back();
///     let last = sent.and_then(|sent| sent.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
///     if let Some(address) = last {
///         request.extensions_mut().insert(ClientAddress(address));
///     }
///     next.run(request).await
/// }
///
/// # async fn origin(RequestOrigin(origin): RequestOrigin) -> String {
/// #     origin.ip().map(|ip| ip.to_string()).unwrap_or_default()
/// # }
/// let app: Router = Router::new()
///     .route("/origin", get(origin))
///     .layer(from_fn(trust_the_proxy));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn walk(app: Router) -> Result<(), Box<dyn std::error::Error>> {
/// #     use http_body_util::BodyExt as _;
/// #     use tower::ServiceExt as _;
/// #     let request = Request::get("/origin").header("x-forwarded-for", "10.0.0.1, 192.0.2.7");
/// #     let answer = app.oneshot(request.body(axum::body::Body::empty())?).await?;
/// #     assert_eq!(answer.into_body().collect().await?.to_bytes(), "192.0.2.7");
/// #     Ok(())
/// # }
/// # walk(app).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    fn of(parts: &Parts) -> Option<IpAddr> {
        let told = parts.extensions.get::<Self>().map(|address| address.0);
        let peer = || {
            let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
            peer.map(|ConnectInfo(address)| address.ip())
        };
        told.or_else(peer)
    }
}
