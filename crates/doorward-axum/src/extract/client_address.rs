//! The client's address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;

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
    pub(super) fn of(parts: &Parts) -> Option<IpAddr> {
        let told = parts.extensions.get::<Self>().map(|address| address.0);
        let peer = || {
            let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
            peer.map(|ConnectInfo(address)| address.ip())
        };
        told.or_else(peer)
    }
}
