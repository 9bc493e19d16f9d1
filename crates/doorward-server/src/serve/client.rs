//! Who is at the other end: the peer, or whom a trusted proxy says it speaks for.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use ipnet::IpNet;

/// What most proxies send; it has no constant of its own.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word is taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client's address: that of the peer, unless the peer is a trusted proxy and says
    /// in `X-Forwarded-For` or `Forwarded` (RFC 7239) whom it speaks for.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if self.0.is_empty() || !self.contains(peer) {
            return peer;
        }
        match (
            self.last_untrusted(x_forwarded_for(headers)),
            self.last_untrusted(forwarded(headers)),
        ) {
            // A proxy that sets one of the two passes the other on as the client made it up.
            (Some(one), Some(other)) if one != other => peer,
            (Some(address), _) | (None, Some(address)) => address,
            (None, None) => peer,
        }
    }

    /// Every proxy adds to the right: what stands left of the first address that is not a
    /// proxy's is hearsay.
    fn last_untrusted(&self, addresses: Vec<Option<IpAddr>>) -> Option<IpAddr> {
        let mut client = None;
        for address in addresses.into_iter().rev() {
            let Some(address) = address else { break };
            client = Some(address);
            if !self.contains(address) {
                break;
            }
        }
        client
    }
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|text| std::str::from_utf8(text).ok().and_then(parse_node))
        .collect()
}

fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all(FORWARDED)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|element| {
            let element = std::str::from_utf8(element).ok()?;
            let mut pairs = element
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='));
            let (_, node) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
            parse_node(node.trim_matches('"'))
        })
        .collect()
}

/// An address with or without a port, IPv6 with or without brackets (RFC 7239 §6).
fn parse_node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = if let Some(rest) = text.strip_prefix('[') {
        rest.split_once(']')?.0.parse().ok()?
    } else if let Ok(address) = text.parse() {
        address
    } else {
        text.rsplit_once(':')?
            .0
            .parse::<std::net::Ipv4Addr>()
            .ok()?
            .into()
    };
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies
            .client("10.0.0.1".parse().unwrap(), &map)
            .to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        for (headers, expected) in [
            (vec![], "10.0.0.1"),
            (vec![("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
            (
                vec![("x-forwarded-for", "6.6.6.6, 203.0.113.7, 10.1.1.1")],
                "203.0.113.7",
            ),
            (
                vec![
                    ("x-forwarded-for", "6.6.6.6"),
                    ("x-forwarded-for", "203.0.113.7"),
                ],
                "203.0.113.7",
            ),
            (vec![("x-forwarded-for", "203.0.113.7:4711")], "203.0.113.7"),
            (
                vec![("x-forwarded-for", "::ffff:203.0.113.7")],
                "203.0.113.7",
            ),
            (
                vec![("x-forwarded-for", "6.6.6.6, unknown, 10.1.1.1")],
                "10.1.1.1",
            ),
            (vec![("x-forwarded-for", "nonsense")], "10.0.0.1"),
            (
                vec![(
                    "forwarded",
                    "for=6.6.6.6, For=\"[2001:db8::1]:4711\";proto=https",
                )],
                "2001:db8::1",
            ),
            (vec![("forwarded", "for=_hidden")], "10.0.0.1"),
            (
                vec![
                    ("forwarded", "for=6.6.6.6"),
                    ("x-forwarded-for", "203.0.113.7"),
                ],
                "10.0.0.1",
            ),
        ] {
            assert_eq!(client(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.7".parse().unwrap());
        let stranger: IpAddr = "192.0.2.1".parse().unwrap();
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(proxies.client(stranger, &headers), stranger);
        assert_eq!(
            TrustedProxies::default().client(stranger, &headers),
            stranger
        );
    }
}
