//! Captchas: who solves a proof of work, and a service that verifies tokens as it is told.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The token of a proof of work.
#[must_use]
pub fn solve(challenge: &str, difficulty: u8) -> String {
    (0_u64..)
        .map(|counter| format!("{challenge}.{counter}"))
        .find(|token| {
            let hash = digest::digest(&digest::SHA256, token.as_bytes());
            let first = u32::from_be_bytes(hash.as_ref()[..4].try_into().unwrap());
            first.leading_zeros() >= u32::from(difficulty)
        })
        .unwrap()
}

/// What a [`SiteVerifyService`] does with a request.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers with this status and this body.
    Answers(u16, String),
    /// Begins a body and never ends it.
    Dribbles,
    /// Never answers.
    Stalls,
}

/// A service on loopback that verifies tokens as it is told; it goes with the value.
#[derive(Debug)]
pub struct SiteVerifyService {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    forms: Mutex<Vec<String>>,
}

impl SiteVerifyService {
    /// Starts one.
    pub async fn start(behaviour: Behaviour) -> Self {
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            forms: Mutex::default(),
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

    /// Where it verifies.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/siteverify", self.address)
    }

    /// From now on it does this.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// The forms that were sent so far, as they came.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        self.shared.forms.lock().unwrap().clone()
    }
}

impl Drop for SiteVerifyService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, form: String) -> Response {
    shared.forms.lock().unwrap().push(form);
    let behaviour = shared.behaviour.lock().unwrap().clone();
    match behaviour {
        Behaviour::Answers(status, body) => {
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        Behaviour::Dribbles => ([("content-length", "100")], "{\"success\": true").into_response(),
        Behaviour::Stalls => std::future::pending().await,
    }
}
