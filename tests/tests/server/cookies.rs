//! A browser app with `AUTH_COOKIES=true`: its cookies kept by hand, as a browser keeps them.

use std::collections::BTreeMap;

use doorward_tests::server::client::{Answer, Call};
use doorward_tests::server::{Installation, Server};
use http::Method;
use serde_json::json;

const ORIGIN: &str = "https://app.example.com";
const EMAIL: &str = "someone@example.com";
const PASSWORD: &str = "correct horse";

/// A page of [`ORIGIN`] that never sees a token.
struct Page {
    server: Server,
    jar: BTreeMap<String, String>,
}

impl Page {
    async fn open(place: &Installation) -> Self {
        let server = place.start();
        server.http().register(EMAIL, PASSWORD).await;
        let jar = BTreeMap::new();
        Self { server, jar }
    }

    /// `fetch(path, {credentials: "include"})`
    async fn fetch(&mut self, method: Method, path: &str) -> Answer {
        let call = self.server.http().call(method, path);
        self.send(call).await
    }

    /// The same with JSON.
    async fn post(&mut self, path: &str, body: serde_json::Value) -> Answer {
        let call = self.server.http().call(Method::POST, path).json(&body);
        self.send(call).await
    }

    async fn send(&mut self, call: Call) -> Answer {
        let pairs: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let call = call
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-site");
        let answer = if pairs.is_empty() {
            call.send().await
        } else {
            call.header("cookie", &pairs.join("; ")).send().await
        };
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A browser forgets a cookie when its time is over.
    fn forget_access_token(&mut self) {
        self.jar.remove("__Host-access_token").unwrap();
    }
}

#[tokio::test]
async fn a_page_lives_on_cookies_alone() {
    let place = Installation::new()
        .set("AUTH_COOKIES", "true")
        .set("BACKEND_CORS_ORIGINS", ORIGIN);
    let mut page = Page::open(&place).await;

    // Nobody is logged in yet, and the page finds that out.
    page.post("/auth/refresh", json!({})).await.expect(401);
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let answer = page.post("/auth/login", body).await;
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    answer.expect(200);
    assert_eq!(page.jar.len(), 2);
    let me = page.fetch(Method::GET, "/users/me").await.expect(200);
    assert_eq!(me["email"], EMAIL);

    page.forget_access_token();
    page.fetch(Method::GET, "/users/me").await.expect(401);
    page.post("/auth/refresh", json!({})).await.expect(200);
    page.fetch(Method::GET, "/users/me").await.expect(200);

    page.post("/auth/logout", json!({})).await.expect(200);
    assert!(page.jar.is_empty());
    page.fetch(Method::GET, "/users/me").await.expect(401);
}

#[tokio::test]
async fn a_page_that_is_not_allowed_gets_nowhere() {
    let place = Installation::new().set("AUTH_COOKIES", "yes");
    let mut page = Page::open(&place).await;
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let answer = page.post("/auth/login", body).await;
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.expect(403)["code"], "csrf_refused");
    // A program is no page.
    page.server.http().login(EMAIL, PASSWORD).await;
}

#[tokio::test]
async fn bearer_stays_the_default() {
    let place = Installation::new().set("BACKEND_CORS_ORIGINS", ORIGIN);
    let mut page = Page::open(&place).await;
    let body = json!({"email": EMAIL, "password": PASSWORD});
    page.post("/auth/login", body).await.expect(200);
    assert!(page.jar.is_empty());
    let document = page.server.http().get("/openapi.json").await.expect(200);
    let schemes = &document["components"]["securitySchemes"];
    assert!(schemes.get("CookieAuth").is_none());
}

#[tokio::test]
async fn the_setting_decides_the_attribute_and_the_document() {
    let place = Installation::new()
        .set("AUTH_COOKIES", "true")
        .set("AUTH_COOKIE_SAMESITE", "lax");
    let server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let answer = server.http().post("/auth/login", body).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.ends_with("; SameSite=Lax"), "{cookie}");
    let document = server.http().get("/openapi.json").await.expect(200);
    let scheme = &document["components"]["securitySchemes"]["CookieAuth"];
    assert_eq!(scheme["name"], "__Host-access_token");
}
