//! The HTTP API in process: requests in, answers out, and every answer held against the
//! OpenAPI document.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

mod answer;
mod call;
mod contract;
mod schema;

use std::sync::Arc;

use axum::Router;
use doorward::{Builder, Doorward, UserName, UsersRead};
use doorward_axum::edge::{AllowedOrigins, Edge, EdgeConfig, EdgeService, RequestIds};
use doorward_axum::{Api, SameSite};
use serde_json::{Value, json};
use tower::Layer as _;

pub use answer::Answer;
pub use call::Call;
pub use contract::Contract;

use crate::engine::{PASSWORD, TestEngine, address, operator};

/// Where the API stands.
pub const PREFIX: &str = "/api/v1";

/// The one origin whose pages may read answers.
pub const ORIGIN: &str = "http://localhost:3000";

/// The API on an engine of its own, as the server puts it together.
#[derive(Clone, Debug)]
pub struct TestApi {
    engine: TestEngine,
    app: EdgeService<Router>,
    contract: Arc<Contract>,
}

impl TestApi {
    /// The API on a new database in memory.
    pub async fn start() -> Self {
        Self::on(TestEngine::in_memory().await)
    }

    /// The API on a new database in memory, whose mails are kept.
    pub async fn with_mail() -> Self {
        Self::with_mail_and(|builder| builder).await
    }

    /// The API on a new database in memory, whose mails are kept, with decisions of its own.
    pub async fn with_mail_and(configure: impl FnOnce(Builder) -> Builder) -> Self {
        Self::on(TestEngine::with_mail_and(configure).await)
    }

    /// The API on this engine.
    #[must_use]
    pub fn on(engine: TestEngine) -> Self {
        Self::with(engine, None)
    }

    /// The API on this engine, with sessions in cookies.
    #[must_use]
    pub fn with_cookies(engine: TestEngine, same_site: SameSite) -> Self {
        Self::with(engine, Some(same_site))
    }

    fn with(engine: TestEngine, cookies: Option<SameSite>) -> Self {
        let api = Api::new()
            .version("1.2.3")
            .cookie_sessions(cookies.is_some());
        let (router, document) = api.build::<Doorward>();
        let document = serde_json::to_value(&document).unwrap();
        let router = router.with_state(engine.engine().clone());
        let mut edge = EdgeConfig::new(RequestIds::from_seed(7));
        edge.allowed_origins = AllowedOrigins::exact([ORIGIN]).unwrap();
        edge.cookie_sessions = cookies;
        Self {
            engine,
            app: Edge::new(edge).layer(router),
            contract: Arc::new(Contract::new(document)),
        }
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> &TestEngine {
        &self.engine
    }

    /// The OpenAPI document.
    #[must_use]
    pub fn document(&self) -> &Value {
        self.contract.document()
    }

    /// What the OpenAPI document promises.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Somebody who is not logged in.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client {
            api: self.clone(),
            access_token: None,
            refresh_token: String::new(),
            id: String::new(),
        }
    }

    /// Makes the account `<role>@example.com` with this one role, unless it is there, and
    /// logs in.
    pub async fn login_as(&self, role: &str) -> Client {
        let email = format!("{role}@example.com");
        let by = operator::<UsersRead>();
        let name = UserName::Email(address(&email));
        if self.engine.find_user_named(&by, name).await.is_err() {
            self.engine.create(&email, &[role]).await;
        }
        self.login(&email).await
    }

    /// Logs in somebody who has [`PASSWORD`].
    pub async fn login(&self, name: &str) -> Client {
        self.login_with(name, PASSWORD).await
    }

    /// Logs somebody in.
    pub async fn login_with(&self, name: &str, password: &str) -> Client {
        let credentials = json!({"username": name, "password": password});
        let answer = self.anonymous().post("/auth/login").json(&credentials);
        self.client_of(&answer.await.expect(200).json()).await
    }

    /// Whoever has these tokens.
    pub async fn client_of(&self, tokens: &Value) -> Client {
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let mut client = Client {
            api: self.clone(),
            access_token: Some(text("access_token")),
            refresh_token: text("refresh_token"),
            id: String::new(),
        };
        let me = client.get("/users/me").await.expect(200).json();
        client.id = me["id"].as_str().unwrap().to_owned();
        client
    }
}

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub struct Client {
    api: TestApi,
    /// The access token; `None` for somebody who is not logged in.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: String,
    /// The account's id.
    pub id: String,
}

impl Client {
    /// A request to `target`, which is the whole of it: path and query.
    pub fn request(&self, method: &str, target: &str) -> Call {
        let call = Call::new(&self.api, method, target);
        match &self.access_token {
            Some(token) => call.header("authorization", &format!("Bearer {token}")),
            None => call,
        }
    }

    /// A request to a path below the prefix.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.request(method, &format!("{PREFIX}{path}"))
    }

    /// `GET` of a path below the prefix.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// `POST` to a path below the prefix.
    pub fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// `PUT` to a path below the prefix.
    pub fn put(&self, path: &str) -> Call {
        self.call("PUT", path)
    }

    /// `PATCH` of a path below the prefix.
    pub fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }

    /// `DELETE` of a path below the prefix.
    pub fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }

    /// Whether the access token still opens the door.
    pub async fn is_let_in(&self) -> bool {
        self.get("/users/me").await.status == 200
    }

    /// Exchanges a refresh token.
    pub fn refresh(&self, refresh_token: &str) -> Call {
        self.api
            .anonymous()
            .post("/auth/refresh")
            .json(&json!({"refresh_token": refresh_token}))
    }
}
