//! Problems in the shape of an application's own errors.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use doorward::testing::{TestDoorward, TestUser};
use doorward::{Admin, Doorward, RateLimits};
use doorward_axum::edge::{Edge, EdgeConfig, EdgeService, RequestIds};
use doorward_axum::problem::{Problem, shape_problems};
use doorward_axum::{RequireRecentLogin, RequireRole, api_router, guard};
use doorward_tests::app::{App, request};
use doorward_tests::http::Answer;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::Layer as _;

fn own_words(problem: &Problem) -> Json<Value> {
    Json(json!({
        "oops": problem.message(),
        "id": problem.request_id(),
        "wait": problem.headers().get("retry-after").map(|value| value.to_str().unwrap()),
    }))
}

/// The API, a route of each kind, and a guard.
fn router(auth: &Doorward) -> Router {
    Router::new()
        .route("/admin", get(async |_: RequireRole<Admin>| "admin"))
        .route("/now", get(async |_: RequireRecentLogin<0>| "now"))
        .route(
            "/panic",
            get(async || -> Response { unreachable!("secret") }),
        )
        .route("/own-404", get(async || (StatusCode::NOT_FOUND, "mine")))
        .route(
            "/failed",
            get(async || Problem::internal().with_cause(std::io::Error::other("disk full"))),
        )
        .merge(api_router())
        .with_state(auth.clone())
        .merge(
            Router::new()
                .route("/guarded", get(async || "guarded"))
                .route_layer(guard::require_user(auth)),
        )
}

fn edge<S>(inner: S) -> EdgeService<S> {
    Edge::new(EdgeConfig::new(RequestIds::from_seed(1))).layer(inner)
}

/// The layer outside of the edge, inside of it, and without one.
fn everywhere(auth: &Doorward) -> [(&'static str, App); 3] {
    let inside = router(auth).layer(shape_problems(own_words));
    [
        (
            "outside",
            App::new(shape_problems(own_words).layer(edge(router(auth)))),
        ),
        ("inside", App::new(edge(inside.clone()))),
        ("without", App::new(inside)),
    ]
}

fn ask(method: &str, path: &str, who: Option<&TestUser>) -> Request<Body> {
    let mut asked = request(method, path, who);
    asked
        .headers_mut()
        .insert("x-request-id", "it".parse().unwrap());
    asked
}

#[track_caller]
fn expect(answer: &Answer, place: &str, status: u16, oops: &str) {
    assert_eq!(answer.status, status, "{place}: {answer}");
    let body = answer.json();
    assert_eq!(body["oops"], oops, "{place}");
    let id = if place == "without" {
        json!(null)
    } else {
        json!("it")
    };
    assert_eq!(body["id"], id, "{place}");
    assert!(body.get("code").is_none(), "{place}: {answer}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let length = answer.body.len().to_string();
    assert_eq!(answer.header("content-length"), Some(&*length), "{place}");
    assert_eq!(answer.headers.get_all("content-type").iter().count(), 1);
}

#[tokio::test]
async fn every_refusal_has_the_apps_own_body() {
    let auth = TestDoorward::start().await;
    let user = auth.login_as("user").await;
    for (place, app) in everywhere(&auth) {
        for (path, who, status, oops) in [
            ("/admin", None, 401, "Could not validate credentials"),
            ("/admin", Some(&user), 403, "Insufficient privileges"),
            ("/guarded", None, 401, "Could not validate credentials"),
            (
                "/api/v1/users/me",
                None,
                401,
                "Could not validate credentials",
            ),
            ("/api/v1/users", Some(&user), 403, "Insufficient privileges"),
            ("/api/v1/none", None, 404, "Not Found"),
            ("/none", None, 404, "Not Found"),
            ("/failed", None, 500, "Internal Server Error"),
        ] {
            let answer = app.send(ask("GET", path, who)).await;
            expect(&answer, place, status, oops);
        }
        let answer = app.send(ask("GET", "/admin", None)).await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{place}");
    }
}

#[tokio::test]
async fn the_headers_of_a_refusal_stay() {
    let auth = TestDoorward::start_with(|builder| builder.rate_limits(RateLimits::default())).await;
    let user = auth.login_as("user").await;
    auth.advance(std::time::Duration::from_millis(1));
    for (place, app) in everywhere(&auth) {
        let answer = app.send(ask("GET", "/now", Some(&user))).await;
        expect(&answer, place, 403, "Log in again");
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"0\"";
        assert_eq!(
            answer.header("www-authenticate"),
            Some(challenge),
            "{place}"
        );

        for path in ["/api/v1/users/me", "/guarded"] {
            let answer = app.send(ask("PUT", path, Some(&user))).await;
            let expected = if path == "/guarded" {
                "GET,HEAD"
            } else {
                "GET,HEAD,PATCH,DELETE"
            };
            expect(&answer, place, 405, "Method Not Allowed");
            let mut allowed: Vec<_> = answer.header("allow").unwrap().split(',').collect();
            let mut expected: Vec<_> = expected.split(',').collect();
            allowed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(allowed, expected, "{place}");
        }
    }
}

#[tokio::test]
async fn who_has_to_wait_hears_for_how_long() {
    for at in 0..3 {
        let auth =
            TestDoorward::start_with(|builder| builder.rate_limits(RateLimits::default())).await;
        let (place, app) = everywhere(&auth)[at].clone();
        let mut names = 0;
        let answer = loop {
            names += 1;
            let body = json!({"username": format!("{names}@example.com"), "password": "wrong"});
            let body = body.to_string();
            let mut asked = ask("POST", "/api/v1/auth/login", None).map(|_| Body::from(body));
            let json = "application/json".parse().unwrap();
            asked.headers_mut().insert(header::CONTENT_TYPE, json);
            let address = doorward_axum::ClientAddress("192.0.2.1".parse().unwrap());
            asked.extensions_mut().insert(address);
            let answer = app.send(asked).await;
            if answer.status != 401 {
                break answer;
            }
        };
        expect(&answer, place, 429, "Too many requests, try again later");
        assert_eq!(answer.json()["wait"], answer.header("retry-after").unwrap());
        assert!(answer.header("ratelimit").is_some(), "{place}");
        assert!(answer.header("ratelimit-policy").is_some(), "{place}");
    }
}

#[tokio::test]
async fn the_faults_of_a_form_are_one_sentence() {
    let auth = TestDoorward::start().await;
    for (place, app) in everywhere(&auth) {
        let mut asked = ask("POST", "/api/v1/auth/login", None).map(|_| Body::from("{}"));
        let json = "application/json".parse().unwrap();
        asked.headers_mut().insert(header::CONTENT_TYPE, json);
        let answer = app.send(asked).await;
        let oops = "username: Field required; password: Field required";
        expect(&answer, place, 422, oops);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_problem_is_left_alone() {
    let auth = TestDoorward::start().await;
    let user = auth.login_as("user").await;
    for (place, app) in everywhere(&auth) {
        let answer = app.send(ask("GET", "/own-404", None)).await;
        assert_eq!((answer.status, answer.text()), (404, "mine"), "{place}");
        let answer = app.send(ask("GET", "/api/v1/users/me", Some(&user))).await;
        assert_eq!(answer.json()["email"], "user@example.com", "{place}");
    }
}

#[tokio::test]
async fn a_head_request_has_the_length_of_the_body_it_does_not_get() {
    let auth = TestDoorward::start().await;
    for (place, app) in everywhere(&auth) {
        let got = app.send(ask("GET", "/admin", None)).await;
        let head = app.send(ask("HEAD", "/admin", None)).await;
        assert_eq!(head.status, 401);
        assert!(head.body.is_empty(), "{place}");
        for name in ["content-length", "content-type", "www-authenticate"] {
            assert_eq!(head.header(name), got.header(name), "{place} {name}");
        }
    }
}

#[tokio::test]
async fn outside_of_the_edge_its_own_refusals_are_shaped_too() {
    let auth = TestDoorward::start().await;
    let [(place, outside), ..] = everywhere(&auth);
    let answer = outside.send(ask("GET", "/panic", None)).await;
    expect(&answer, place, 500, "Internal Server Error");
    let long = format!("/{}", "x".repeat(10_000));
    let answer = outside.send(ask("GET", &long, None)).await;
    expect(&answer, place, 414, "Request target is longer than 8 KiB");
    assert_eq!(answer.header("x-request-id"), Some("it"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

/// The answer to a missing token, shaped like this inside of the edge.
async fn shaped<R: IntoResponse + 'static>(
    path: &str,
    shape: impl Fn(&Problem) -> R + Send + Sync + 'static,
) -> Answer {
    let auth = TestDoorward::start().await;
    let app = App::new(edge(router(&auth).layer(shape_problems(shape))));
    app.send(ask("GET", path, None)).await
}

#[tokio::test]
async fn a_made_status_counts_where_it_blames_the_same_side() {
    for (path, made, status) in [
        ("/admin", StatusCode::FORBIDDEN, 403),
        ("/admin", StatusCode::OK, 401),
        ("/admin", StatusCode::FOUND, 401),
        ("/admin", StatusCode::BAD_GATEWAY, 401),
        ("/failed", StatusCode::OK, 500),
        ("/failed", StatusCode::BAD_REQUEST, 500),
        ("/failed", StatusCode::BAD_GATEWAY, 502),
    ] {
        let answer = shaped(path, move |_| (made, "made")).await;
        assert_eq!((answer.status, answer.text()), (status, "made"));
    }
}

#[tokio::test]
async fn what_is_made_is_not_overwritten_whatever_it_is() {
    for path in ["/none", "/admin"] {
        let answer = shaped(path, |_| ()).await;
        assert_eq!(
            (answer.body.len(), answer.header("content-type")),
            (0, None)
        );
        assert_eq!(answer.header("content-length"), Some("0"));
    }
    // The problem itself, with one thing more.
    let answer = shaped("/admin", |problem| {
        problem.clone().with_member("hint", json!("log in"))
    });
    let answer = answer.await;
    answer.expect_problem(401, "not_authenticated", "Could not validate credentials");
    let body = answer.json();
    assert_eq!(
        (&body["hint"], &body["request_id"]),
        (&json!("log in"), &json!("it"))
    );
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    // Headers of its own go before those of the problem.
    let basic = shaped("/admin", |_| {
        [("www-authenticate", "Basic"), ("x-own", "1")]
    })
    .await;
    let challenges = basic.headers.get_all("www-authenticate").iter();
    assert_eq!(challenges.collect::<Vec<_>>(), ["Basic"]);
    assert_eq!(basic.header("x-own"), Some("1"));
}

#[tokio::test]
async fn of_two_layers_the_inner_one_has_the_last_word() {
    let auth = TestDoorward::start().await;
    let inner = Router::new()
        .route("/", get(async || "x"))
        .route_layer(guard::require_user(&auth))
        .layer(shape_problems(|_| "inner"));
    let app = router(&auth)
        .nest("/area", inner)
        .layer(shape_problems(|_| "outer"));
    let app = App::new(shape_problems(|_| "outermost").layer(edge(app)));
    for (path, said) in [
        ("/area", "inner"),
        ("/admin", "outer"),
        ("/panic", "outermost"),
    ] {
        assert_eq!(
            app.send(ask("GET", path, None)).await.text(),
            said,
            "{path}"
        );
    }
}

#[tokio::test]
async fn words_that_panic_leave_the_problem_in_its_own() {
    fn speechless(_: &Problem) -> Json<Value> {
        unreachable!("a secret")
    }
    let auth = TestDoorward::start().await;
    let by_the_edge = Edge::default().shape_problems(speechless);
    for app in [
        App::new(by_the_edge.layer(router(&auth))),
        App::new(edge(router(&auth).layer(shape_problems(speechless)))),
        App::new(shape_problems(speechless).layer(edge(router(&auth)))),
        App::new(router(&auth).layer(shape_problems(speechless))),
    ] {
        let answer = app.send(ask("GET", "/admin", None)).await;
        assert_eq!(answer.status, 401, "{answer}");
        assert_eq!(answer.json()["code"], "not_authenticated");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert!(!answer.text().contains("secret"), "{answer}");
    }
}
