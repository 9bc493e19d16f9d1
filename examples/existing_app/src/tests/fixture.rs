//! The app, on a file that goes with the test.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use doorward::testing::{PASSWORD, TestDoorward, TestUser};
use doorward::{Database, DatabaseUrl, RoleName};
use doorward_axum::edge::EdgeService;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tempfile::TempDir;
use tower::{Layer as _, ServiceExt as _};

use crate::app::{self, AppState};
use crate::{accounts, database};

pub(super) struct App {
    pub(super) auth: TestDoorward,
    pub(super) pool: SqlitePool,
    service: EdgeService<Router>,
    /// The last to be dropped.
    _folder: TempDir,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl App {
    /// As it runs, but for the engine, which is one for tests.
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("app.db"));
        let pool = database::open(&url).await.unwrap();
        let database = Database::from_sqlite_pool(&pool).await.unwrap();
        let auth = TestDoorward::start_on(database, accounts::decide).await;
        database::migrate(&pool).await.unwrap();

        let state = AppState {
            auth: auth.engine().clone(),
            pool: pool.clone(),
        };
        let router = app::router(state, RoleName::new("support")).unwrap();
        Self {
            auth,
            pool,
            service: app::edge().layer(router),
            _folder: folder,
        }
    }

    pub(super) async fn sign_up(&self, email: &str, workspace: &str) -> Answer {
        let body = json!({"email": email, "password": PASSWORD, "workspace": workspace});
        self.post("/sign-up", None, body).await
    }

    /// Somebody who has signed up and logged in.
    pub(super) async fn member(&self, email: &str, workspace: &str) -> TestUser {
        self.sign_up(email, workspace).await.expect(201);
        self.auth.log_in(email, PASSWORD).await
    }

    pub(super) async fn get(&self, path: &str, user: Option<&TestUser>) -> Answer {
        self.send(Method::GET, path, user, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, user: Option<&TestUser>, body: Value) -> Answer {
        self.send(Method::POST, path, user, body).await
    }

    pub(super) async fn delete(&self, path: &str, user: Option<&TestUser>) -> Answer {
        self.send(Method::DELETE, path, user, Value::Null).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        user: Option<&TestUser>,
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(user) = user {
            request = request.header(header::AUTHORIZATION, user.authorization());
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
        };
        let request = request.body(body).unwrap();
        let (parts, body) = self
            .service
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    /// How many rows there are.
    pub(super) async fn count(&self, table: &'static str) -> i64 {
        let sql = match table {
            "doorward_users" => "select count(*) from doorward_users",
            "members" => "select count(*) from members",
            "workspaces" => "select count(*) from workspaces",
            other => panic!("no test counts {other}"),
        };
        let counted = sqlx::query_scalar(sql).fetch_one(&self.pool).await;
        counted.unwrap()
    }
}

impl Answer {
    /// The body of an answer of this status.
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}
