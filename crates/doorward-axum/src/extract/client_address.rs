//! The client's address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;

/// The address of the client, as a request extension.
///
/// Who serves the router puts it there, because only who knows the proxies in front can
/// tell it. Without it the peer of the connection counts, from axum's [`ConnectInfo`].
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
