//! ASVS 3: cookies, and what pages of other sites can do with them.

use doorward_axum::SameSite;
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, Call, TestApi};
use serde_json::json;

/// What browsers say of requests that a page of another site makes them send.
const FOREIGN: [&[(&str, &str)]; 6] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ],
    &[("sec-fetch-site", "cross-site"), ("origin", "null")],
    // Without TLS, and from older ones.
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
];

/// What a form of such a page can send as.
const OF_FORMS: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
];

async fn api() -> TestApi {
    let api = TestApi::with_cookies(TestEngine::in_memory().await, SameSite::Lax);
    api.engine().sign_up("anna@example.com").await;
    api
}

fn login(api: &TestApi) -> Call {
    let body = json!({"username": "anna@example.com", "password": PASSWORD});
    api.anonymous().post("/auth/login").json(&body)
}

/// The `Cookie` header of a browser that has just logged in.
async fn cookies(api: &TestApi) -> String {
    let answer = login(api).await.expect(200);
    let pairs = set_cookies(&answer).into_iter();
    let pairs: Vec<_> = pairs
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
        .collect();
    pairs.join("; ")
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

fn with(call: Call, headers: &[(&str, &str)]) -> Call {
    headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value))
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &json!("csrf_refused")),
        "{answer}"
    );
    assert!(set_cookies(answer).is_empty());
}

/// Both cookies of a login have this.
async fn assert_both(holds: impl Fn(&str) -> bool) {
    let cookies = set_cookies(&login(&api().await).await.expect(200));
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        assert!(holds(&cookie), "{cookie}");
    }
}

#[tokio::test]
async fn v3_3_1_session_cookies_are_sent_over_tls_alone() {
    assert_both(|cookie| cookie.contains("; Secure;")).await;
}

#[tokio::test]
async fn v3_3_2_session_cookies_are_of_one_site() {
    assert_both(|cookie| cookie.ends_with("; SameSite=Lax")).await;
}

#[tokio::test]
async fn v3_3_3_session_cookies_are_of_one_host() {
    assert_both(|cookie| {
        let is_shared = cookie.to_ascii_lowercase().contains("domain");
        cookie.starts_with("__Host-") && cookie.contains("; Path=/;") && !is_shared
    })
    .await;
}

#[tokio::test]
async fn v3_3_4_scripts_do_not_see_session_cookies() {
    assert_both(|cookie| cookie.contains("; HttpOnly;")).await;
}

#[tokio::test]
async fn v3_5_1_a_foreign_page_can_not_act_with_the_cookie() {
    let api = api().await;
    let cookies = cookies(&api).await;
    let foreign = |method: &str, path: &str| {
        api.anonymous()
            .call(method, path)
            .header("cookie", &cookies)
    };
    for headers in FOREIGN {
        for (method, path) in [
            ("GET", "/users/me"),
            ("GET", "/users/me/export"),
            ("POST", "/auth/logout"),
            ("POST", "/auth/refresh"),
            ("POST", "/auth/password/change"),
            ("PATCH", "/users/me"),
            ("DELETE", "/users/me"),
            ("DELETE", "/auth/sessions"),
        ] {
            let call = foreign(method, path).json(&json!({}));
            assert_refused(&with(call, headers).await);
        }
    }
    let me = foreign("GET", "/users/me").header("sec-fetch-site", "same-origin");
    assert_eq!(me.await.status, 200);
}

#[tokio::test]
async fn v3_5_2_what_a_form_can_send_does_nothing_with_the_cookie() {
    let api = api().await;
    let cookies = cookies(&api).await;
    let own = |path: &str| {
        let call = api.anonymous().post(path).header("cookie", &cookies);
        call.header("sec-fetch-site", "same-origin")
    };
    for content_type in OF_FORMS {
        for path in ["/auth/logout", "/auth/refresh", "/auth/password/change"] {
            for body in ["", "{}"] {
                let answer = own(path).body(content_type, body).await;
                assert!(matches!(answer.status, 403 | 415), "{answer}");
                assert!(set_cookies(&answer).is_empty());
            }
        }
    }
    // The session went on, and its refresh token was not used.
    assert_eq!(own("/auth/refresh").json(&json!({})).await.status, 200);
}

#[tokio::test]
async fn a_foreign_page_can_not_log_the_visitor_in_as_somebody_else() {
    let api = api().await;
    let form = "username=anna%40example.com&password=correct+horse+battery+staple";
    let tokens = login(&api).await.expect(200).json();
    for headers in FOREIGN {
        let refresh = api.anonymous().post("/auth/refresh");
        for call in [
            login(&api),
            api.anonymous().post("/auth/login").form(form),
            api.anonymous().post("/auth/login/form").form(form),
            refresh.json(&json!({"refresh_token": tokens["refresh_token"]})),
        ] {
            assert_refused(&with(call, headers).await);
        }
    }
    // The refresh token was used by none of them, and a program is no page.
    let body = json!({"refresh_token": tokens["refresh_token"]});
    let renewed = api.anonymous().post("/auth/refresh").json(&body).await;
    assert_eq!(set_cookies(&renewed.expect(200)).len(), 2);
}

#[tokio::test]
async fn a_foreign_page_learns_nothing_of_who_is_logged_in() {
    let api = api().await;
    let cookies = cookies(&api).await;
    let mut answers = Vec::new();
    for cookie in [
        cookies.as_str(),
        "__Host-access_token=x; __Host-refresh_token=y",
    ] {
        let call = api.anonymous().get("/users/me").header("cookie", cookie);
        let answer = call.header("sec-fetch-site", "cross-site").await;
        answers.push((answer.status, answer.json()["code"].clone()));
    }
    assert_eq!(answers[0], answers[1]);
}
