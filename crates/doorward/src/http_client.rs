//! The one way in which the engine asks other services over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode, Url};

/// How long an answer may take, from the first packet to the last byte.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(3);

/// Why there is no client for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The text is no URL, or one that would send secrets in clear over a network.
    #[error("expected an https URL; http is for this machine alone")]
    InvalidUrl,
    /// The system has no root certificates, or TLS could not be set up.
    #[error("TLS could not be set up: are the system's root certificates installed?")]
    Tls,
}

/// A service gave no answer, or none that is usable. The reason names no URL, since
/// those may hold what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("it timed out")]
    TimedOut,
    #[error("the connection failed")]
    Connection,
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer broke off")]
    BrokeOff,
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

/// Asks one service: over TLS unless it is on this machine, within a deadline, and without
/// being led elsewhere by redirects or by proxies of the environment.
#[derive(Debug)]
pub(crate) struct HttpClient {
    client: Client,
    url: Url,
}

impl HttpClient {
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, HttpClientError> {
        let url = Url::parse(url).map_err(|_| HttpClientError::InvalidUrl)?;
        let builder = Client::builder()
            .user_agent("doorward")
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .timeout(timeout);
        let builder = match url.scheme() {
            "https" => builder.https_only(true),
            // Needs no certificates, which a machine without any need not have.
            "http" if is_local(&url) => builder.tls_certs_only([]),
            _ => return Err(HttpClientError::InvalidUrl),
        };
        let client = builder.build().map_err(|_| HttpClientError::Tls)?;
        Ok(Self { client, url })
    }

    /// A request to the client's URL, with this form as its body.
    pub(crate) fn post_form(&self, form: String) -> RequestBuilder {
        self.client
            .post(self.url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    }

    /// A request of what is called `name` below the client's URL.
    pub(crate) fn get(&self, name: &str) -> RequestBuilder {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(name);
        }
        self.client.get(url)
    }

    /// Sends a request of this client's, and reads an answer of at most `largest` bytes.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        largest: usize,
    ) -> Result<Answer, NoAnswer> {
        let mut response = request.send().await.map_err(reason)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(reason)? {
            if body.len() + chunk.len() > largest {
                return Err(NoAnswer::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            body,
        })
    }
}

fn reason(error: reqwest::Error) -> NoAnswer {
    if error.is_timeout() {
        NoAnswer::TimedOut
    } else if error.is_body() || error.is_decode() {
        NoAnswer::BrokeOff
    } else {
        NoAnswer::Connection
    }
}

fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || address
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for url in [
            "http://localhost:8080/verify",
            "http://127.0.0.1/",
            "http://[::1]:8080/",
        ] {
            assert!(HttpClient::new(url, TIMEOUT).is_ok(), "{url}");
        }
        for url in [
            "",
            "verify",
            "http://example.com/verify",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "file:///etc/passwd",
        ] {
            let made = HttpClient::new(url, TIMEOUT);
            assert_eq!(made.unwrap_err(), HttpClientError::InvalidUrl, "{url}");
        }
    }
}
