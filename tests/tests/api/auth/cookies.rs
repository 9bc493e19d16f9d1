//! Sessions in cookies: what is set and cleared, and which requests they speak for.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use doorward_axum::edge::AllowedOrigins;
use doorward_axum::{CookieSessions, CurrentUser, SameSite};
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, Call, ORIGIN, TestApi};
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ACCESS: &str = "__Host-access_token";
const REFRESH: &str = "__Host-refresh_token";

/// What a browser that has logged in sends along, and the page it shows.
struct Browser {
    api: TestApi,
    access: String,
    refresh: String,
}

async fn api() -> TestApi {
    let api = TestApi::with_cookies(TestEngine::in_memory().await, SameSite::Strict);
    api.engine().sign_up("anna@example.com").await;
    api
}

/// A request of a page of the API's own origin.
fn of_own_page(call: Call) -> Call {
    call.header("sec-fetch-site", "same-origin")
}

fn credentials() -> Value {
    json!({"username": "anna@example.com", "password": PASSWORD})
}

fn login(api: &TestApi) -> Call {
    api.anonymous().post("/auth/login").json(&credentials())
}

/// The `Set-Cookie` headers.
fn set_cookies(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap()).collect()
}

/// The value that the answer gives to a cookie.
fn value_of<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let prefix = format!("{name}=");
    let cookie = set_cookies(answer)
        .into_iter()
        .find_map(|cookie| cookie.strip_prefix(&prefix));
    cookie.unwrap().split(';').next().unwrap()
}

#[track_caller]
fn expect_cleared(answer: &Answer) {
    let attributes = "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict";
    assert_eq!(
        set_cookies(answer),
        [
            format!("{ACCESS}=; {attributes}"),
            format!("{REFRESH}=; {attributes}")
        ],
        "{answer}"
    );
}

#[track_caller]
fn expect_refused(answer: &Answer) {
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &json!("csrf_refused")),
        "{answer}"
    );
    assert_eq!(set_cookies(answer), [""; 0], "{answer}");
}

impl Browser {
    async fn log_in(api: &TestApi) -> Self {
        let answer = of_own_page(login(api)).await.expect(200);
        Self {
            access: value_of(&answer, ACCESS).to_owned(),
            refresh: value_of(&answer, REFRESH).to_owned(),
            api: api.clone(),
        }
    }

    /// A request that carries the cookies, of no page yet.
    fn call(&self, method: &str, path: &str) -> Call {
        let cookies = format!(
            "theme=dark; {ACCESS}={}; {REFRESH}={}",
            self.access, self.refresh
        );
        let call = self.api.anonymous().call(method, path);
        call.header("cookie", &cookies)
            .header("host", "auth.example.com")
    }

    /// A request of the own page.
    fn send(&self, method: &str, path: &str) -> Call {
        of_own_page(self.call(method, path))
    }

    async fn is_let_in(&self) -> bool {
        self.send("GET", "/users/me").await.status == 200
    }
}

#[tokio::test]
async fn both_doors_of_login_set_cookies_beside_the_json() {
    let api = api().await;
    let form = "username=anna%40example.com&password=correct+horse+battery+staple";
    for call in [
        login(&api),
        api.anonymous().post("/auth/login").form(form),
        api.anonymous().post("/auth/login/form").form(form),
    ] {
        let answer = of_own_page(call).await.expect(200);
        let tokens = answer.json();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let attributes =
            |seconds: u32| format!("Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
        assert_eq!(
            set_cookies(&answer),
            [
                format!("{ACCESS}={}; {}", text("access_token"), attributes(1800)),
                format!(
                    "{REFRESH}={}; {}",
                    text("refresh_token"),
                    attributes(604_800)
                ),
            ]
        );
    }
}

#[tokio::test]
async fn the_cookies_live_as_long_as_their_tokens_and_as_lax_as_the_setting_says() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder
            .access_token_ttl(Duration::from_secs(60))
            .refresh_token_ttl(Duration::from_secs(3600))
    })
    .await;
    engine.sign_up("anna@example.com").await;
    let api = TestApi::with_cookies(engine, SameSite::Lax);
    let answer = login(&api).await.expect(200);
    let cookies = set_cookies(&answer);
    assert!(cookies[0].ends_with("; Max-Age=60; Secure; HttpOnly; SameSite=Lax"));
    assert!(cookies[1].ends_with("; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"));
}

#[tokio::test]
async fn a_login_that_fails_sets_nothing() {
    let api = api().await;
    let wrong = json!({"username": "anna@example.com", "password": "wrong password"});
    let answer = of_own_page(api.anonymous().post("/auth/login").json(&wrong)).await;
    answer.expect_problem(401, "invalid_credentials", "Incorrect username or password");
    assert_eq!(set_cookies(&answer), [""; 0]);
}

#[tokio::test]
async fn without_the_setting_cookies_are_neither_set_nor_read() {
    let browser = Browser::log_in(&api().await).await;
    let api = TestApi::on(browser.api.engine().clone());
    // Nor does it matter where a request comes from.
    let foreign = login(&api).header("sec-fetch-site", "cross-site");
    assert_eq!(set_cookies(&foreign.await.expect(200)), [""; 0]);

    let browser = Browser { api, ..browser };
    browser.send("GET", "/users/me").await.expect_problem(
        401,
        "not_authenticated",
        "Could not validate credentials",
    );
    browser
        .send("POST", "/auth/refresh")
        .json(&json!({}))
        .await
        .expect_faults(&["missing body.refresh_token Field required"]);
}

#[tokio::test]
async fn the_access_cookie_is_as_good_as_the_header() {
    let browser = Browser::log_in(&api().await).await;
    let me = browser.send("GET", "/users/me").await.expect(200).json();
    assert_eq!(me["email"], "anna@example.com");
    let renamed = browser
        .send("PATCH", "/users/me")
        .json(&json!({"full_name": "Anna"}));
    assert_eq!(renamed.await.expect(200).json()["full_name"], "Anna");
    let sessions = browser.send("DELETE", "/auth/sessions").await;
    assert_eq!(sessions.status, 204);
    browser.send("GET", "/users").await.expect_problem(
        403,
        "insufficient_privileges",
        "Insufficient privileges",
    );
    browser.api.engine().advance(Duration::from_secs(1800));
    browser.send("GET", "/users/me").await.expect_problem(
        401,
        "token_expired",
        "Could not validate credentials",
    );
}

const OWN: &str = "sec-fetch-site: same-origin";
const JSON: &str = "content-type: application/json";
const ALLOWED: &str = "origin: http://localhost:3000";

/// What a request with the cookies and these headers is answered.
const HEADERS: &[(&str, &str, &[&str], u16)] = &[
    ("GET", "/users/me", &[OWN], 200),
    ("HEAD", "/users/me", &[OWN], 200),
    ("GET", "/users/me", &["sec-fetch-site: none"], 200),
    ("GET", "/users/me", &["sec-fetch-site: same-site"], 403),
    ("GET", "/users/me", &["sec-fetch-site: cross-site"], 403),
    ("HEAD", "/users/me", &["sec-fetch-site: cross-site"], 403),
    (
        "GET",
        "/users/me",
        &["sec-fetch-site: same-site", ALLOWED],
        200,
    ),
    (
        "GET",
        "/users/me",
        &["sec-fetch-site: cross-site", ALLOWED],
        200,
    ),
    (
        "GET",
        "/users/me",
        &["sec-fetch-site: same-site", "origin: null"],
        403,
    ),
    ("GET", "/users/me", &[], 200),
    ("GET", "/users/me", &[ALLOWED], 200),
    (
        "GET",
        "/users/me",
        &["origin: https://auth.example.com"],
        200,
    ),
    (
        "GET",
        "/users/me",
        &["origin: http://auth.example.com"],
        403,
    ),
    ("GET", "/users/me", &["origin: https://evil.example"], 403),
    ("GET", "/users/me", &["origin: null"], 403),
    ("POST", "/auth/password/change", &[OWN, JSON], 422),
    ("POST", "/auth/password/change", &[OWN], 403),
    (
        "POST",
        "/auth/password/change",
        &[OWN, "content-type: text/plain"],
        403,
    ),
    ("POST", "/auth/password/change", &[JSON], 403),
    (
        "POST",
        "/auth/password/change",
        &["sec-fetch-site: none", JSON],
        403,
    ),
    (
        "POST",
        "/auth/password/change",
        &["sec-fetch-site: cross-site", JSON],
        403,
    ),
    (
        "POST",
        "/auth/password/change",
        &["origin: https://evil.example", JSON],
        403,
    ),
    (
        "POST",
        "/auth/password/change",
        &["origin: https://auth.example.com", JSON],
        422,
    ),
    (
        "POST",
        "/auth/password/change",
        &["sec-fetch-site: same-site", ALLOWED, JSON],
        422,
    ),
    ("DELETE", "/auth/sessions", &[OWN], 204),
    ("DELETE", "/auth/sessions", &[], 403),
    (
        "DELETE",
        "/auth/sessions",
        &["sec-fetch-site: same-site"],
        403,
    ),
    ("DELETE", "/auth/sessions", &[OWN, "content-length: 2"], 403),
];

#[tokio::test]
async fn the_headers_decide() {
    assert_eq!(ALLOWED, format!("origin: {ORIGIN}"));
    let browser = Browser::log_in(&api().await).await;
    for (method, path, headers, status) in HEADERS {
        let call = headers
            .iter()
            .map(|header| header.split_once(": ").unwrap())
            .fold(browser.call(method, path), |call, (name, value)| {
                call.header(name, value)
            });
        let answer = call.await;
        assert_eq!(
            answer.status, *status,
            "{method} {path} {headers:?} {answer}"
        );
        if *status == 403 && *method != "HEAD" {
            expect_refused(&answer);
        }
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let browser = Browser::log_in(&api().await).await;
    let change = "/auth/password/change";
    browser.send("POST", change).await.expect_problem(
        403,
        "csrf_refused",
        "With cookies, Content-Type must be application/json",
    );
    let foreign = browser
        .call("GET", "/users/me")
        .header("sec-fetch-site", "cross-site");
    foreign.await.expect_problem(
        403,
        "csrf_refused",
        "Cookies do not count in requests from this page",
    );
}

#[tokio::test]
async fn the_header_goes_before_the_cookie() {
    let browser = Browser::log_in(&api().await).await;
    let other = browser.api.login_as("moderator").await;
    // A page can't send the header unasked, so it needs no defence.
    let both = other
        .post("/auth/password/change")
        .header("cookie", &format!("{ACCESS}={}", browser.access))
        .header("sec-fetch-site", "cross-site")
        .json(&json!({}));
    assert_eq!(both.await.status, 422);
    let me = browser
        .send("GET", "/users/me")
        .bearer(other.access_token.as_deref().unwrap());
    assert_eq!(
        me.await.expect(200).json()["email"],
        "moderator@example.com"
    );
    for header in ["Bearer x", "Basic YTpi", ""] {
        let answer = browser.send("GET", "/users/me");
        answer.header("authorization", header).await.expect_problem(
            401,
            "invalid_token",
            "Could not validate credentials",
        );
    }
}

#[tokio::test]
async fn a_cookie_that_comes_twice_is_refused() {
    let browser = Browser::log_in(&api().await).await;
    let again = format!("{ACCESS}={}", browser.access);
    let planted = format!("{ACCESS}=planted; {again}");
    for cookies in [again.as_str(), planted.as_str(), "__Host-access_token="] {
        let answer = browser.send("GET", "/users/me").header("cookie", cookies);
        answer.await.expect_problem(
            403,
            "csrf_refused",
            "A session cookie was sent more than once",
        );
    }
    let again = format!("{REFRESH}={}", browser.refresh);
    let answer = browser
        .send("POST", "/auth/refresh")
        .header("cookie", &again);
    expect_refused(&answer.json(&json!({})).await);
}

#[tokio::test]
async fn a_cookie_that_is_no_token_is_told_so() {
    let api = api().await;
    for value in ["", "x", "\"a.b.c\"", "a b", "%00"] {
        let call = of_own_page(api.anonymous().get("/users/me"));
        call.header("cookie", &format!("{ACCESS}={value}"))
            .await
            .expect_problem(401, "invalid_token", "Could not validate credentials");
    }
    let call = of_own_page(api.anonymous().get("/users/me"));
    call.raw_header("cookie", b"__Host-access_token=\xff")
        .await
        .expect_problem(401, "invalid_token", "Could not validate credentials");
}

#[tokio::test]
async fn a_refresh_takes_the_cookie_where_the_body_has_no_token() {
    let api = api().await;
    for body in ["", "{}", "null"] {
        let browser = Browser::log_in(&api).await;
        let call = browser.send("POST", "/auth/refresh");
        let answer = call.body("application/json", body).await.expect(200);
        let tokens = answer.json();
        assert_eq!(tokens["refresh_token"], value_of(&answer, REFRESH));
        assert_eq!(tokens["access_token"], value_of(&answer, ACCESS));
        assert_ne!(value_of(&answer, REFRESH), browser.refresh);
        let renewed = Browser {
            access: value_of(&answer, ACCESS).to_owned(),
            refresh: value_of(&answer, REFRESH).to_owned(),
            api: api.clone(),
        };
        assert!(renewed.is_let_in().await);
    }
}

#[tokio::test]
async fn a_refresh_token_in_the_body_goes_before_the_cookie() {
    let browser = Browser::log_in(&api().await).await;
    let other = browser.api.login_as("moderator").await;
    let body = json!({"refresh_token": other.refresh_token});
    let answer = browser.send("POST", "/auth/refresh").json(&body).await;
    let renewed = browser.api.client_of(&answer.expect(200).json()).await;
    assert_eq!(renewed.id, other.id);
    browser
        .send("POST", "/auth/refresh")
        .json(&json!({"refresh_token": null}))
        .await
        .expect_faults(&["string_type body.refresh_token Input should be a valid string"]);
    // What is no good there says nothing of the cookie.
    let spoilt = json!({"refresh_token": "x"});
    let answer = browser.send("POST", "/auth/refresh").json(&spoilt).await;
    assert_eq!((answer.status, set_cookies(&answer).len()), (401, 0));
}

#[tokio::test]
async fn a_refresh_by_cookie_needs_json_and_a_page_of_ours() {
    let browser = Browser::log_in(&api().await).await;
    let empty = || browser.call("POST", "/auth/refresh");
    for call in [
        of_own_page(empty()),
        of_own_page(empty()).header("content-type", "text/plain"),
        empty().json(&json!({})),
        empty()
            .json(&json!({}))
            .header("sec-fetch-site", "same-site"),
        empty().json(&json!({})).header("origin", "null"),
    ] {
        expect_refused(&call.await);
    }
    // The token was not used by any of them.
    let answer = of_own_page(empty()).json(&json!({})).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_refresh_by_cookie_that_is_refused_clears_the_cookies() {
    let api = api().await;
    let browser = Browser::log_in(&api).await;
    let refresh = || browser.send("POST", "/auth/refresh").json(&json!({}));
    assert_eq!(refresh().await.status, 200);
    api.engine().advance(Duration::from_secs(11));
    // Used before: the session is over.
    let answer = refresh().await;
    answer.expect_problem(401, "invalid_refresh_token", "Invalid refresh token");
    expect_cleared(&answer);
    // And a page that asks whether somebody is logged in at all hears that nobody is.
    let nobody = of_own_page(api.anonymous().post("/auth/refresh")).json(&json!({}));
    let answer = nobody.await;
    answer.expect_problem(401, "invalid_refresh_token", "Invalid refresh token");
    expect_cleared(&answer);
}

#[tokio::test]
async fn logging_out_clears_the_cookies() {
    let api = api().await;
    for body in [json!({}), json!({"all": true})] {
        let browser = Browser::log_in(&api).await;
        let answer = browser.send("POST", "/auth/logout").json(&body).await;
        expect_cleared(&answer.expect(200));
        assert!(!browser.is_let_in().await);
    }
    // By the header as well: the browser may have both.
    let answer = api.login("anna@example.com").await.post("/auth/logout");
    expect_cleared(&answer.await.expect(200));
}

#[tokio::test]
async fn deleting_the_account_clears_the_cookies() {
    let browser = Browser::log_in(&api().await).await;
    let wrong = json!({"current_password": "wrong password"});
    let answer = browser.send("DELETE", "/users/me").json(&wrong).await;
    assert_eq!((answer.status, set_cookies(&answer).len()), (400, 0));
    let answer = browser.send("DELETE", "/users/me").await;
    expect_cleared(&answer.expect(204));
}

#[tokio::test]
async fn a_changed_password_keeps_this_session_and_its_cookies() {
    let api = api().await;
    let (browser, other) = (Browser::log_in(&api).await, Browser::log_in(&api).await);
    let body = json!({"current_password": PASSWORD, "new_password": "purple kettle sings at noon"});
    let answer = browser.send("POST", "/auth/password/change").json(&body);
    assert_eq!(set_cookies(&answer.await.expect(200)), [""; 0]);
    assert!(browser.is_let_in().await);
    assert!(!other.is_let_in().await);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_send_cookies_and_read_answers() {
    let browser = Browser::log_in(&api().await).await;
    let answer = browser
        .call("GET", "/users/me")
        .header("origin", ORIGIN)
        .header("sec-fetch-site", "same-site")
        .await
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        Some("true")
    );
}

#[tokio::test]
async fn the_document_tells_of_cookies_where_they_are_on() {
    let (plain, api) = (TestApi::start().await, api().await);
    let scheme = |api: &TestApi| {
        api.document()["components"]["securitySchemes"]
            .get("CookieAuth")
            .cloned()
    };
    assert_eq!(scheme(&plain), None);
    let scheme = scheme(&api).unwrap();
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&json!("apiKey"), &json!("cookie"), &json!(ACCESS))
    );
    let operation = |method: &str, path: &str| {
        let path = format!("/api/v1{path}");
        api.contract().operation(method, &path).unwrap().clone()
    };
    let me = operation("GET", "/users/me");
    let cookie = json!({"CookieAuth": []});
    assert!(me["security"].as_array().unwrap().contains(&cookie));
    assert!(me["responses"]["403"]["content"]["application/problem+json"].is_object());
    let refresh = operation("POST", "/auth/refresh");
    assert_eq!(refresh["requestBody"]["required"], json!(false));
    assert!(refresh.get("security").is_none());
    let body = &api.document()["components"]["schemas"]["Refresh"];
    assert!(body.get("required").is_none());
    // Who is not logged in can be refused at login alone.
    let register = operation("POST", "/auth/register");
    assert_eq!(
        register["responses"]["403"],
        plain
            .contract()
            .operation("POST", "/api/v1/auth/register")
            .unwrap()["responses"]["403"]
    );
}

/// An application that has a route of its own and not our layer around everything.
#[tokio::test]
async fn the_layer_alone_turns_them_on_for_routes_of_an_application() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let tokens = engine.log_in("anna@example.com").await.tokens;
    let own = Router::new()
        .route("/id", get(async |user: CurrentUser| user.id.to_string()))
        .with_state(engine.engine().clone());
    let status = async |app: Router, site: &str| {
        let request = Request::get("/id")
            .header("cookie", format!("{ACCESS}={}", *tokens.access_token))
            .header("sec-fetch-site", site);
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await;
        answer.unwrap().status().as_u16()
    };
    let with_cookies = own
        .clone()
        .layer(CookieSessions::new(AllowedOrigins::None).layer());
    assert_eq!(status(with_cookies.clone(), "same-origin").await, 200);
    assert_eq!(status(with_cookies, "cross-site").await, 403);
    assert_eq!(status(own, "same-origin").await, 401);
}
