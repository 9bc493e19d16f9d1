//! Lists of breached passwords: one in memory, and a service that answers range queries.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use doorward::{BreachCheckUnavailable, BreachedPasswords, Password, PasswordSha1};
use http::{HeaderMap, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A list in memory, which counts how often it is asked.
#[derive(Debug)]
pub struct BreachList {
    known: Option<Vec<&'static str>>,
    asked: Mutex<u32>,
}

impl BreachList {
    /// One that knows these passwords.
    #[must_use]
    pub fn of(known: &[&'static str]) -> Arc<Self> {
        Arc::new(Self {
            known: Some(known.to_vec()),
            asked: Mutex::default(),
        })
    }

    /// One that never can tell.
    #[must_use]
    pub fn out_of_order() -> Arc<Self> {
        Arc::new(Self {
            known: None,
            asked: Mutex::default(),
        })
    }

    /// How often it was asked so far.
    #[must_use]
    pub fn asked(&self) -> u32 {
        *self.asked.lock().unwrap()
    }
}

impl BreachedPasswords for BreachList {
    fn contains<'a>(
        &'a self,
        password: &'a Password,
    ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>> {
        *self.asked.lock().unwrap() += 1;
        let found = self
            .known
            .as_ref()
            .map(|known| known.contains(&password.as_str()))
            .ok_or_else(|| BreachCheckUnavailable::new("out of order"));
        Box::pin(async move { found })
    }
}

/// What a [`RangeHost`] does with a query.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers with this status and this body.
    Answers(u16, String),
    /// Sends the client on to this URL.
    Redirects(String),
    /// Begins a body and never ends it.
    Dribbles,
    /// Never answers.
    Stalls,
}

/// A service on loopback that is asked for ranges of hashes; it goes with the value.
#[derive(Debug)]
pub struct RangeHost {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    queries: Mutex<Vec<(String, HeaderMap)>>,
}

impl RangeHost {
    /// Starts one.
    pub async fn start(behaviour: Behaviour) -> Self {
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            queries: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            shared,
            task,
        }
    }

    /// One that knows this password and some others.
    pub async fn knowing(password: &str) -> Self {
        Self::start(Behaviour::Answers(200, Self::range_of(password, 17))).await
    }

    /// The lines of a range with this password, seen so many times.
    #[must_use]
    pub fn range_of(password: &str, count: u64) -> String {
        let hash = PasswordSha1::of(&Password::new(password.to_owned()));
        let suffix = &hash.as_str()[5..];
        let others = [
            "0018A45C4D1DEF81644B54AB7F969B88D65",
            "FFF5B0B5C5A0F0C9E1D2C3B4A5968778695",
        ];
        format!("{}:3\r\n{suffix}:{count}\r\n{}:0", others[0], others[1])
    }

    /// Where it is asked.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/range", self.address)
    }

    /// The paths and the header fields of all queries so far.
    #[must_use]
    pub fn queries(&self) -> Vec<(String, HeaderMap)> {
        self.shared.queries.lock().unwrap().clone()
    }
}

impl Drop for RangeHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let query = (uri.to_string(), headers);
    shared.queries.lock().unwrap().push(query);
    let behaviour = shared.behaviour.lock().unwrap().clone();
    match behaviour {
        Behaviour::Answers(status, body) => {
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        Behaviour::Redirects(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response()
        }
        Behaviour::Dribbles => ([("content-length", "100")], "0018A").into_response(),
        Behaviour::Stalls => std::future::pending().await,
    }
}
