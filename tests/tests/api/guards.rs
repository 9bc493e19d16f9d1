//! Layers that stand before an application's own routes.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use doorward::testing::{PASSWORD, TestDoorward, TestUser, anonymous};
use doorward::{Admin, Database, Doorward, Permission, Registration, RoleName, UsersRead};
use doorward_axum::edge::{Edge, EdgeConfig, RequestIds};
use doorward_axum::guard::{self, Guard};
use doorward_axum::{CurrentUser, RequirePermission, RequireRole, RequireVerified, api_router};
use doorward_tests::app::{App, request};
use doorward_tests::http::Answer;
use http::Request;
use hyper::body::{Frame, SizeHint};
use rusqlite::Connection;
use tempfile::TempDir;
use tower::{Layer as _, ServiceBuilder};

async fn name(Extension(user): Extension<CurrentUser>) -> String {
    user.email.as_ref().unwrap().to_string()
}

/// A route without a state, behind this guard.
fn behind(guard: Guard) -> App {
    App::new(Router::new().route("/", get(name)).layer(guard))
}

/// What a client sees of an answer, but for what is its own.
fn seen(answer: &Answer) -> (u16, Option<String>, String) {
    let challenge = answer.header("www-authenticate").map(str::to_owned);
    let body = match answer.status {
        200 => String::new(),
        _ => answer.text().to_owned(),
    };
    (answer.status, challenge, body)
}

/// Nobody, and people of every kind.
async fn people(auth: &TestDoorward) -> Vec<Option<TestUser>> {
    let new = Registration::new(PASSWORD).email("new@example.com".parse().unwrap());
    auth.register(&anonymous(), new).await.unwrap();
    let gone = auth.login_as("guest").await;
    auth.logout(&gone.who, &gone.caller()).await.unwrap();
    let mut people = vec![None, Some(gone)];
    for role in ["guest", "user", "moderator", "admin"] {
        people.push(Some(auth.login_as(role).await));
    }
    people.push(Some(auth.log_in("new@example.com", PASSWORD).await));
    people
}

#[tokio::test]
async fn a_guard_refuses_as_its_extractor_does() {
    for restricts in [false, true] {
        let auth =
            TestDoorward::start_with(|builder| builder.require_verified_email(restricts)).await;
        let extractors: Router<Doorward> = Router::new()
            .route("/user", get(async |_: CurrentUser| ()))
            .route("/role", get(async |_: RequireRole<Admin>| ()))
            .route(
                "/permission",
                get(async |_: RequirePermission<UsersRead>| ()),
            )
            .route("/verified", get(async |_: RequireVerified| ()));
        let extractors = App::new(extractors.with_state(auth.engine().clone()));
        let guards = [
            ("/user", guard::require_user(&auth)),
            ("/role", guard::require_role(&auth, RoleName::ADMIN)),
            (
                "/permission",
                guard::require_permission(&auth, Permission::USERS_READ),
            ),
            ("/verified", guard::require_verified(&auth)),
        ];
        for who in people(&auth).await {
            for (path, guard) in &guards {
                let asked = extractors.get(path, who.as_ref()).await;
                let guarded = behind(guard.clone()).get("/", who.as_ref()).await;
                assert_eq!(seen(&guarded), seen(&asked), "{path} {who:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_permission_that_only_the_application_knows_is_the_admins() {
    let auth = TestDoorward::start().await;
    let app = behind(guard::require_permission(
        &auth,
        Permission::new("ships:sail"),
    ));
    let admin = auth.login_as("admin").await;
    assert_eq!(app.get("/", Some(&admin)).await.text(), "admin@example.com");
    let moderator = auth.login_as("moderator").await;
    assert_eq!(app.get("/", Some(&moderator)).await.status, 403);
}

#[tokio::test]
async fn one_of_several_roles_is_enough_and_none_lets_nobody_in() {
    let auth = TestDoorward::start().await;
    let any = behind(guard::require_any_role(
        &auth,
        [RoleName::GUEST, RoleName::MODERATOR],
    ));
    let none = behind(guard::require_any_role(&auth, []));
    for (role, status) in [
        ("guest", 200),
        ("user", 403),
        ("moderator", 200),
        ("admin", 403),
    ] {
        let who = auth.login_as(role).await;
        assert_eq!(any.get("/", Some(&who)).await.status, status, "{role}");
        assert_eq!(none.get("/", Some(&who)).await.status, 403, "{role}");
    }
    assert_eq!(none.get("/", None).await.status, 401);
}

#[tokio::test]
async fn a_role_nobody_has_defined_is_one_that_nobody_has() {
    let auth = TestDoorward::start().await;
    let app = behind(guard::require_role(&auth, "ghost".parse().unwrap()));
    let admin = auth.login_as("admin").await;
    assert_eq!(app.get("/", Some(&admin)).await.status, 403);
}

#[tokio::test]
async fn a_guard_stands_before_what_was_there_when_it_was_added() {
    let auth = TestDoorward::start().await;
    let app = Router::new()
        .route("/inside", get(async || "inside"))
        .layer(guard::require_user(&auth))
        .route("/outside", get(async || "outside"));
    let app = App::new(app);
    assert_eq!(app.get("/inside", None).await.status, 401);
    assert_eq!(app.get("/outside", None).await.status, 200);
}

#[tokio::test]
async fn a_router_with_a_state_is_guarded_like_one_without() {
    let auth = TestDoorward::start().await;
    let whoever = async |State(word): State<&'static str>, user: Extension<CurrentUser>| {
        format!("{word} {}", user.0.email.as_ref().unwrap())
    };
    let app = Router::new()
        .route("/", get(whoever))
        .layer(guard::require_user(&auth))
        .with_state("hello");
    let app = App::new(app);
    let anna = auth.login_as("user").await;
    assert_eq!(app.get("/", None).await.status, 401);
    assert_eq!(
        app.get("/", Some(&anna)).await.text(),
        "hello user@example.com"
    );
}

#[tokio::test]
async fn what_has_no_route_is_behind_the_guard_of_the_whole_router_alone() {
    let auth = TestDoorward::start().await;
    let anna = auth.login_as("user").await;
    let routes = || Router::new().route("/inside", get(async || "inside"));
    let statuses = async |router: Router, path: &str| {
        let app = App::new(router);
        let nobody = app.get(path, None).await.status;
        (nobody, app.get(path, Some(&anna)).await.status)
    };
    let whole = || routes().layer(guard::require_user(&auth));
    let by_route = || routes().route_layer(guard::require_user(&auth));
    let public = || Router::new().route("/", get(async || "public"));

    assert_eq!(statuses(whole(), "/none").await, (401, 404));
    assert_eq!(statuses(by_route(), "/none").await, (404, 404));
    let own = routes().fallback(async || "fallback");
    let own = own.layer(guard::require_user(&auth));
    assert_eq!(statuses(own, "/none").await, (401, 200));

    // The merged router's fallback is the one that counts.
    assert_eq!(statuses(public().merge(whole()), "/none").await, (401, 404));
    assert_eq!(statuses(whole().merge(public()), "/none").await, (404, 404));
    assert_eq!(
        statuses(public().merge(by_route()), "/none").await,
        (404, 404)
    );
    for router in [public().merge(whole()), whole().merge(public())] {
        assert_eq!(statuses(router.clone(), "/inside").await, (401, 200));
        assert_eq!(statuses(router, "/").await, (200, 200));
    }

    let nested = || public().nest("/area", whole());
    assert_eq!(statuses(nested(), "/area/inside").await, (401, 200));
    assert_eq!(statuses(nested(), "/area/none").await, (404, 404));
    let own = whole().fallback(async || "unguarded, because added after the layer");
    let nested = public().nest("/area", own);
    assert_eq!(statuses(nested, "/area/none").await, (200, 200));
    let own = routes().fallback(async || "fallback");
    let nested = public().nest("/area", own.layer(guard::require_user(&auth)));
    assert_eq!(statuses(nested, "/area/none").await, (401, 200));
}

#[tokio::test]
async fn other_methods_are_behind_the_guard_of_the_whole_route_alone() {
    let auth = TestDoorward::start().await;
    let user = || guard::require_user(&auth);
    let app = Router::new()
        .route("/layer", get(async || "got").layer(user()))
        .route("/route-layer", get(async || "got").route_layer(user()))
        .route(
            "/writing",
            get(async || "got").merge(post(async || "posted").route_layer(user())),
        );
    let app = App::new(app);
    for (method, path, status) in [
        ("GET", "/layer", 401),
        ("HEAD", "/layer", 401),
        ("POST", "/layer", 401),
        ("OPTIONS", "/layer", 401),
        ("GET", "/route-layer", 401),
        ("HEAD", "/route-layer", 401),
        ("POST", "/route-layer", 405),
        ("GET", "/writing", 200),
        ("POST", "/writing", 401),
    ] {
        let answer = app.call(method, path, None).await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn no_method_passes_unasked() {
    let auth = TestDoorward::start().await;
    let reached = any(async || "reached");
    let app = Router::new()
        .route("/", reached)
        .layer(guard::require_role(&auth, RoleName::ADMIN));
    let app = App::new(app);
    let (user, admin) = (auth.login_as("user").await, auth.login_as("admin").await);
    for method in [
        "GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "PURGE",
    ] {
        let mut preflight = request(method, "/", None);
        for (name, value) in [
            ("origin", "https://app.example.com"),
            ("access-control-request-method", "DELETE"),
        ] {
            preflight.headers_mut().insert(name, value.parse().unwrap());
        }
        assert_eq!(app.send(preflight).await.status, 401, "{method}");
        assert_eq!(
            app.call(method, "/", Some(&user)).await.status,
            403,
            "{method}"
        );
        assert_eq!(
            app.call(method, "/", Some(&admin)).await.status,
            200,
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_head_request_is_refused_without_a_body() {
    let auth = TestDoorward::start().await;
    let app = behind(guard::require_user(&auth));
    let answer = app.call("HEAD", "/", None).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert!(answer.body.is_empty());
    let got = app.get("/", None).await;
    assert_eq!(
        answer.header("content-length"),
        Some(got.body.len().to_string().as_str())
    );
}

#[tokio::test]
async fn the_outermost_of_several_guards_is_asked_first() {
    let auth = TestDoorward::start().await;
    let app = Router::new()
        .route("/", get(name))
        .layer(guard::require_verified(&auth))
        .layer(guard::require_role(&auth, RoleName::ADMIN));
    let app = App::new(app);
    let new = Registration::new(PASSWORD).email("new@example.com".parse().unwrap());
    auth.register(&anonymous(), new).await.unwrap();
    let new = auth.log_in("new@example.com", PASSWORD).await;
    let answer = app.get("/", Some(&new)).await;
    answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
    let admin = auth.login_as("admin").await;
    assert_eq!(app.get("/", Some(&admin)).await.text(), "admin@example.com");
}

/// A body that nobody may look at.
struct Untouchable;

impl hyper::body::Body for Untouchable {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        unreachable!("the body was read")
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(10)
    }
}

#[tokio::test]
async fn nothing_of_a_body_is_read_before_its_sender_is_let_in() {
    let auth = TestDoorward::start().await;
    let echo = post(async |body: String| body);
    let router = || Router::new().route("/", echo.clone());
    let guard = || guard::require_role(&auth, RoleName::ADMIN);
    let user = auth.login_as("user").await;
    let admin = auth.login_as("admin").await;
    for app in [
        App::new(router().layer(guard())),
        App::new(guard().layer(router())),
    ] {
        for who in [None, Some(&user)] {
            let asked = request("POST", "/", who).map(|_| Body::new(Untouchable));
            let status = app.send(asked).await.status;
            assert_eq!(status, if who.is_some() { 403 } else { 401 });
        }
        let asked = request("POST", "/", Some(&admin)).map(|_| Body::from("hello"));
        assert_eq!(app.send(asked).await.text(), "hello");
    }
}

#[tokio::test]
async fn a_guard_also_stands_around_the_api_and_with_other_layers() {
    let auth = TestDoorward::start().await;
    let layers = ServiceBuilder::new()
        .layer(Edge::new(EdgeConfig::new(RequestIds::from_seed(1))))
        .layer(guard::require_user(&auth));
    let app = api_router::<Doorward>().with_state(auth.engine().clone());
    let app = App::new(layers.service(app));
    let login = Request::post("/api/v1/auth/login")
        .header("x-request-id", "it")
        .body(Body::from("x".repeat(100_000)))
        .unwrap();
    let answer = app.send(login).await;
    answer.expect_problem(401, "not_authenticated", "Could not validate credentials");
    assert_eq!(answer.json()["request_id"], "it");
    let anna = auth.login_as("user").await;
    assert_eq!(app.get("/api/v1/users/me", Some(&anna)).await.status, 200);
}

#[tokio::test]
async fn who_is_let_in_by_a_guard_waits_for_nothing_else() {
    let auth = TestDoorward::start().await;
    let anna = auth.login_as("user").await;
    let app = Router::new()
        .route("/", get(pending::<String>))
        .layer(guard::require_user(&auth));
    let app = App::new(app);
    // A refusal is no matter of what is behind the guard.
    assert_eq!(app.get("/", None).await.status, 401);
    tokio::select! {
        biased;
        _ = app.get("/", Some(&anna)) => unreachable!("the handler never ends"),
        () = tokio::task::yield_now() => {}
    }
}

#[tokio::test]
async fn an_engine_that_fails_lets_nobody_in() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("app.db");
    let url = format!("sqlite:{}", path.display());
    let first = Database::connect(&url).await.unwrap();
    let first = TestDoorward::start_on(first, |builder| builder).await;
    let admin = first.login_as("admin").await;
    // One that has yet to look the session up.
    let second = Database::connect(&url).await.unwrap();
    let second = TestDoorward::start_on(second, |builder| builder).await;
    second.advance(std::time::Duration::from_secs(1));
    let database = Connection::open(path).unwrap();
    database
        .execute("alter table doorward_sessions rename to gone", [])
        .unwrap();
    let extractor: Router<Doorward> = Router::new().route("/", get(async |_: CurrentUser| ()));
    for app in [
        behind(guard::require_user(&second)),
        App::new(extractor.with_state(second.engine().clone())),
    ] {
        let answer = app.get("/", Some(&admin)).await;
        answer.expect_problem(500, "internal_error", "Internal Server Error");
        assert_eq!(answer.header("www-authenticate"), None);
    }
    database
        .execute("alter table gone rename to doorward_sessions", [])
        .unwrap();
    let app = behind(guard::require_user(&second));
    assert_eq!(app.get("/", Some(&admin)).await.text(), "admin@example.com");
}
