//! The clients that system C was written for: its curl commands, its fetch functions and its
//! axios interceptor, changed in nothing but the address.

use doorward_tests::server::client::{API, Answer, Http, Session};
use doorward_tests::server::{Installation, Server};
use http::Method;
use serde_json::{Value, json};

/// What `openssl rand -hex 32` printed once.
const OWN_KEY: &str = "ee40b3d1a1d0f1a2c6a5e8c9d7b9a3f5c1e2d3b4a5968778695a4b3c2d1e0f12";
const ORIGIN: &str = "http://localhost:3000";
const EMAIL: &str = "user@example.com";
const PASSWORD: &str = "securepassword123";

/// Its `.env`, with a key of one's own, as its README tells.
fn installation_of_its_env() -> Installation {
    let env = include_str!("system_c.env").replace("your_generated_key_here", OWN_KEY);
    Installation::new().file(".env", env)
}

fn each_installation() -> [(Installation, &'static str); 2] {
    let password = doorward_tests::server::ADMIN_PASSWORD;
    [
        (Installation::with_admin(), password),
        (installation_of_its_env(), "changethis"),
    ]
}

/// Its `authService.js`: what a browser keeps, and each function's request.
struct AuthService {
    http: Http,
    access_token: String,
    refresh_token: String,
}

impl AuthService {
    fn new(server: &Server) -> Self {
        Self {
            http: server.http(),
            access_token: String::new(),
            refresh_token: String::new(),
        }
    }

    async fn register(&self, email: &str, password: &str, full_name: &str) -> Answer {
        let body = json!({"email": email, "password": password, "full_name": full_name});
        let call = self.http.call(Method::POST, "/auth/register").json(&body);
        call.header("origin", ORIGIN).send().await
    }

    async fn login(&mut self, email: &str, password: &str) -> Answer {
        // As URLSearchParams writes it.
        let form = format!("username={}&password={password}", email.replace('@', "%40"));
        let call = self.http.call(Method::POST, "/auth/login").form(&form);
        // fetch adds the character set.
        let call = call.header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        );
        let answer = call.header("origin", ORIGIN).send().await;
        self.store(&answer);
        answer
    }

    async fn fetch_me(&self) -> Answer {
        let http = self.http.bearer(&self.access_token);
        let call = http.call(Method::GET, "/users/me");
        call.header("origin", ORIGIN).send().await
    }

    async fn refresh_token(&mut self) -> Answer {
        let body = json!({"refresh_token": self.refresh_token});
        let call = self.http.call(Method::POST, "/auth/refresh").json(&body);
        let answer = call.header("origin", ORIGIN).send().await;
        self.store(&answer);
        answer
    }

    /// Its axios interceptor: one refresh at a 401, and the request once more.
    async fn fetch_me_through_the_interceptor(&mut self) -> Answer {
        let answer = self.fetch_me().await;
        if answer.status != 401 {
            return answer;
        }
        match self.refresh_token().await {
            refused if refused.status != 200 => refused,
            _ => self.fetch_me().await,
        }
    }

    fn store(&mut self, answer: &Answer) {
        let data: Value = serde_json::from_slice(&answer.body).unwrap();
        if let (Some(access), Some(refresh)) = (
            data["access_token"].as_str(),
            data["refresh_token"].as_str(),
        ) {
            self.access_token = access.to_owned();
            self.refresh_token = refresh.to_owned();
        }
    }
}

/// A token whose signature does not fit, to a client the same as an expired one.
fn spoilt(token: &str) -> String {
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", "A".repeat(43))
}

fn assert_allowed(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
}

#[tokio::test]
async fn its_curl_commands() {
    for (place, _) in each_installation() {
        let server = place.start();
        let http = server.http();

        let register = json!({"email": EMAIL, "password": PASSWORD, "full_name": "John Doe"});
        let user = http.post("/auth/register", register).await.expect(201);
        assert_eq!(
            (&user["email"], &user["role"]),
            (&EMAIL.into(), &"user".into())
        );
        assert_eq!(user["full_name"], "John Doe");
        assert!(user.get("password").is_none() && user.get("hashed_password").is_none());

        // curl sends `@` as it is.
        let form = format!("username={EMAIL}&password={PASSWORD}");
        let login = http.call(Method::POST, "/auth/login").form(&form);
        let tokens = login.send().await.expect(200);
        assert_eq!(tokens["token_type"], "bearer");

        let session = Session::new(&http, &tokens);
        let me = session.http.get("/users/me").await.expect(200);
        assert_eq!(me["id"], user["id"]);

        let renewed = http.refresh(&session.refresh).await.expect(200);
        assert_ne!(renewed["refresh_token"], tokens["refresh_token"]);
        let session = Session::new(&http, &renewed);
        session.http.get("/users/me").await.expect(200);
    }
}

#[tokio::test]
async fn its_fetch_functions_from_a_browser() {
    for (place, _) in each_installation() {
        let server = place.start();
        let mut service = AuthService::new(&server);

        let registered = service.register(EMAIL, PASSWORD, "John Doe").await;
        assert_allowed(&registered);
        registered.expect(201);
        let login = service.login(EMAIL, PASSWORD).await;
        assert_allowed(&login);
        login.expect(200);
        let me = service.fetch_me().await;
        assert_allowed(&me);
        assert_eq!(me.expect(200)["email"], EMAIL);

        let before = service.refresh_token.clone();
        service.refresh_token().await.expect(200);
        assert_ne!(service.refresh_token, before);
        service.fetch_me().await.expect(200);

        // Its logout forgets the tokens; what is left are requests without one.
        service.access_token.clear();
        let refused = service.fetch_me().await;
        assert_allowed(&refused);
        assert_eq!(
            refused.expect(401)["detail"],
            "Could not validate credentials"
        );
    }
}

#[tokio::test]
async fn a_browser_asks_before_and_is_allowed() {
    for (place, _) in each_installation() {
        let server = place.start();
        for (method, path, headers) in [
            ("POST", "/auth/register", "content-type"),
            ("GET", "/users/me", "authorization"),
            ("PATCH", "/users/me", "authorization,content-type"),
            ("DELETE", "/users/me", "authorization"),
        ] {
            let preflight = server
                .http()
                .call(Method::OPTIONS, path)
                .header("origin", ORIGIN)
                .header("access-control-request-method", method)
                .header("access-control-request-headers", headers);
            let answer = preflight.send().await;
            assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
            assert_allowed(&answer);
            let allowed = answer.header("access-control-allow-methods");
            assert!(allowed.contains(method), "{allowed}");
            let allowed = answer.header("access-control-allow-headers").to_lowercase();
            assert!(
                headers.split(',').all(|name| allowed.contains(name)),
                "{allowed}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_nothing() {
    let place = installation_of_its_env();
    let server = place.start();
    let call = server.http().call(Method::GET, "/users/me");
    let answer = call.header("origin", "https://evil.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn its_axios_interceptor_renews_a_token_that_is_over() {
    for (place, _) in each_installation() {
        let server = place.start();
        let mut service = AuthService::new(&server);
        service
            .register(EMAIL, PASSWORD, "John Doe")
            .await
            .expect(201);
        service.login(EMAIL, PASSWORD).await.expect(200);

        service.access_token = spoilt(&service.access_token);
        service.fetch_me().await.expect(401);
        let me = service.fetch_me_through_the_interceptor().await;
        assert_eq!(me.expect(200)["email"], EMAIL);

        // And leads to the login page when the refresh token is no good either.
        service.access_token = spoilt(&service.access_token);
        service.refresh_token = spoilt(&service.refresh_token);
        let refused = service.fetch_me_through_the_interceptor().await;
        assert_eq!(refused.expect(401)["detail"], "Invalid refresh token");
    }
}

#[tokio::test]
async fn two_tabs_that_renew_at_once_both_stay_logged_in() {
    let place = Installation::new();
    let server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    let session = server.http().login(EMAIL, PASSWORD).await;

    let http = server.http();
    let (one, other) = tokio::join!(
        http.refresh(&session.refresh),
        http.refresh(&session.refresh)
    );
    let (one, other) = (one.expect(200), other.expect(200));
    assert_eq!(one["refresh_token"], other["refresh_token"]);
    for tokens in [&one, &other] {
        let tab = Session::new(&http, tokens);
        tab.http.get("/users/me").await.expect(200);
    }
}

/// Its permission matrix: for each action the statuses of a user, a moderator and an admin.
#[tokio::test]
async fn its_permission_matrix() {
    for (place, admin_password) in each_installation() {
        let server = place.start();
        let http = server.http();
        let admin = http.login("admin@example.com", admin_password).await.http;
        let callers = [
            caller(&http, &admin, "user").await,
            caller(&http, &admin, "moderator").await,
            caller(&http, &admin, "admin").await,
        ];
        let target = http.register("target@example.com", PASSWORD).await;
        let other = format!("/users/{}", target["id"].as_str().unwrap());

        for (caller, [list, view, update, promote]) in callers.iter().zip([
            [403, 403, 403, 403],
            [200, 200, 403, 403],
            [200, 200, 200, 200],
        ]) {
            let own = format!("/users/{}", caller.1);
            let http = &caller.0;
            http.get("/users/me").await.expect(200);
            http.get(&own).await.expect(200);
            let changed = http.patch(&own, json!({"full_name": "Another Name"})).await;
            assert_eq!(changed.expect(200)["full_name"], "Another Name");

            http.get("/users").await.expect(list);
            http.get(&other).await.expect(view);
            http.patch(&other, json!({"full_name": "X"}))
                .await
                .expect(update);
            http.patch(&other, json!({"role": "user"}))
                .await
                .expect(promote);
        }
        for (caller, status) in callers.iter().zip([403, 403, 204]) {
            caller.0.delete(&other).await.expect(status);
        }
        let own = format!("/users/{}", callers[0].1);
        let raised = callers[0].0.patch(&own, json!({"role": "admin"})).await;
        assert_eq!(raised.expect(403)["detail"], "Insufficient privileges");
    }
}

/// Somebody of this role, logged in, and the id.
async fn caller(http: &Http, admin: &Http, role: &str) -> (Http, String) {
    let email = format!("{role}@matrix.example");
    let user = http.register(&email, PASSWORD).await;
    let id = user["id"].as_str().unwrap().to_owned();
    let path = format!("/users/{id}");
    let promoted = admin.patch(&path, json!({"role": role})).await.expect(200);
    assert_eq!(promoted["role"], role);
    (http.login(&email, PASSWORD).await.http, id)
}

#[tokio::test]
async fn its_addresses_of_the_documentation() {
    let place = installation_of_its_env();
    let server = place.start();
    for path in ["/docs", "/redoc"] {
        let page = server.http().plain(Method::GET, path).send().await;
        assert_eq!(page.status, 200, "{path}");
    }
    let document = server.http().get("/openapi.json").await.expect(200);
    assert_eq!(document["info"]["title"], "FastAPI JWT Auth");
    assert_eq!(document["info"]["version"], "1.0.0");
    for path in [
        "/auth/register",
        "/auth/login",
        "/auth/refresh",
        "/users/me",
    ] {
        assert!(
            document["paths"].get(format!("{API}{path}")).is_some(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn its_env_as_printed_is_told_to_make_a_key() {
    let place = Installation::new().file(".env", include_str!("system_c.env"));
    let outcome = place.run(["serve"]);
    let message = outcome.failure(3);
    assert!(message.contains("SECRET_KEY (.env line 4)"), "{message}");
    assert!(message.contains("openssl rand -hex 32"), "{message}");
}
