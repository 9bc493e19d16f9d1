//! A client of the server, over a real socket.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::process::PATIENCE;
use super::running::Server;

/// Where every path of the server's API begins, by default.
pub const API: &str = "/api/v1";

/// Sends requests, each on a connection of its own.
#[derive(Clone, Debug)]
pub struct Http {
    address: SocketAddr,
    /// Where every path of the API begins.
    prefix: &'static str,
    access_token: Option<String>,
}

/// A request that is being put together.
#[derive(Debug)]
pub struct Call {
    address: SocketAddr,
    request: Request<Bytes>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// The tokens of a session, and a client that sends the access token.
#[derive(Clone, Debug)]
pub struct Session {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// A client that sends the access token.
    pub http: Http,
}

impl Http {
    pub(super) fn new(address: SocketAddr, prefix: &'static str) -> Self {
        Self {
            address,
            prefix,
            access_token: None,
        }
    }

    /// The same client with this access token.
    #[must_use]
    pub fn bearer(&self, access_token: &str) -> Self {
        Self {
            access_token: Some(access_token.to_owned()),
            ..self.clone()
        }
    }

    /// The same client of a server that was started later.
    #[must_use]
    pub fn moved_to(&self, server: &Server) -> Self {
        Self {
            address: server.address(),
            ..self.clone()
        }
    }

    /// A request to a path of the API, such as `/users/me`.
    #[must_use]
    pub fn call(&self, method: Method, path: &str) -> Call {
        self.plain(method, &format!("{}{path}", self.prefix))
    }

    /// A request to a path of the server, such as `/docs`.
    ///
    /// # Panics
    /// When the path is none.
    #[must_use]
    pub fn plain(&self, method: Method, path: &str) -> Call {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        let call = Call {
            address: self.address,
            request,
        };
        match &self.access_token {
            Some(token) => call.header(AUTHORIZATION.as_str(), &format!("Bearer {token}")),
            None => call,
        }
    }

    /// GET of a path of the API.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    /// POST of JSON to a path of the API.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }

    /// POST of a form, encoded already, to a path of the API.
    pub async fn post_form(&self, path: &str, body: &str) -> Answer {
        self.call(Method::POST, path).form(body).send().await
    }

    /// PATCH of a path of the API, with JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path).json(&body).send().await
    }

    /// DELETE of a path of the API.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    /// Registers an account, and answers with it.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn register(&self, email: &str, password: &str) -> Value {
        let body = json!({"email": email, "password": password});
        self.post("/auth/register", body).await.expect(201)
    }

    /// Logs in, by JSON.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn login(&self, username: &str, password: &str) -> Session {
        let body = json!({"username": username, "password": password});
        let tokens = self.post("/auth/login", body).await.expect(200);
        Session::new(self, &tokens)
    }

    /// Tries to exchange a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        let body = json!({"refresh_token": refresh_token});
        self.post("/auth/refresh", body).await
    }
}

impl Session {
    /// The session of a token answer.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn new(http: &Http, tokens: &Value) -> Self {
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self {
            access: token("access_token"),
            refresh: token("refresh_token"),
            http: http.bearer(&token("access_token")),
        }
    }
}

impl Call {
    /// With this header field.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: http::HeaderName = name.parse().unwrap();
        self.request
            .headers_mut()
            .insert(name, value.parse().unwrap());
        self
    }

    /// With this JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With this form as its body, encoded already.
    #[must_use]
    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body.to_owned())
    }

    fn body(self, content_type: &str, body: String) -> Self {
        let mut call = self.header(CONTENT_TYPE.as_str(), content_type);
        *call.request.body_mut() = Bytes::from(body);
        call
    }

    /// Sends it and reads the answer.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// Sends it and reads the answer; an error where the connection breaks.
    ///
    /// # Errors
    /// Whatever keeps the answer from coming.
    ///
    /// # Panics
    /// When neither comes in time.
    pub async fn try_send(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let place = format!("{} {}", self.request.method(), self.request.uri());
        tokio::time::timeout(PATIENCE, self.exchange())
            .await
            .unwrap_or_else(|_| panic!("no answer to {place}"))
    }

    async fn exchange(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let Self { address, request } = self;
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let mut request = request.map(Full::new);
        if !request.headers().contains_key(HOST) {
            request
                .headers_mut()
                .insert(HOST, address.to_string().parse()?);
        }
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        // The answer is whole; how the connection ends is of no interest.
        connection.abort();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

impl Answer {
    /// The JSON body (`null` where there is none) of an answer of this status.
    ///
    /// # Panics
    /// When it is another one, with the whole answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}\n{:#?}", self.headers);
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// A header field; empty where there is none.
    ///
    /// # Panics
    /// When it is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
