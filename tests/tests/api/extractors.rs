//! What an application's own handlers ask of who sent a request.

use std::time::Duration;

use axum::extract::FromRef;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use doorward::testing::{PASSWORD, TestDoorward, TestUser, anonymous};
use doorward::{Admin, AppRole, Doorward, Moderator, NewRole, Registration, RoleName, UsersRead};
use doorward_axum::edge::AllowedOrigins;
use doorward_axum::problem::Problem;
use doorward_axum::{
    CookieSessions, CurrentUser, MaybeUser, RequireAnyRole, RequirePermission, RequireRecentLogin,
    RequireRole, RequireVerified,
};
use doorward_tests::app::{App, request};
use doorward_tests::http::Answer;
use http::{Request, header};
use serde_json::{Value, json};

/// Roles of an application, of which one is built in.
#[derive(Clone, Copy, Debug)]
enum Staff {
    Clerk,
    Head,
    Moderator,
}

impl AppRole for Staff {
    const ALL: &'static [Self] = &[Self::Clerk, Self::Head, Self::Moderator];

    fn name(self) -> RoleName {
        match self {
            Self::Clerk => RoleName::new("clerk"),
            Self::Head => RoleName::new("head"),
            Self::Moderator => RoleName::MODERATOR,
        }
    }

    fn definition(self) -> NewRole {
        let rank = match self {
            Self::Clerk => 110,
            Self::Head => 120,
            Self::Moderator => 300,
        };
        NewRole::new(self.name()).rank(rank)
    }
}

/// An application that has no roles yet.
#[derive(Clone, Copy, Debug)]
enum Nothing {}

impl AppRole for Nothing {
    const ALL: &'static [Self] = &[];

    fn name(self) -> RoleName {
        match self {}
    }
}

/// A state of which the engine is only a part.
#[derive(Clone)]
struct AppState {
    auth: Doorward,
}

impl FromRef<AppState> for Doorward {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

/// An application's own error, in its own shape.
struct AppError(Problem);

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let body = Json(json!({"oops": self.0.message()}));
        self.0.into_response_with(body)
    }
}

fn name_of(user: &CurrentUser) -> String {
    user.email.as_ref().unwrap().to_string()
}

async fn in_own_words(user: Result<CurrentUser, Problem>) -> Result<String, AppError> {
    Ok(name_of(&user?))
}

fn router() -> Router<AppState> {
    Router::new()
        .route("/user", get(async |user: CurrentUser| name_of(&user)))
        .route(
            "/maybe",
            get(async |MaybeUser(user): MaybeUser| user.is_some().to_string()),
        )
        .route(
            "/option",
            get(async |user: Option<CurrentUser>| user.is_some().to_string()),
        )
        .route(
            "/admin",
            get(async |RequireRole(user, Admin): RequireRole<Admin>| name_of(&user)),
        )
        .route(
            "/moderator",
            get(async |RequireRole(user, Moderator): RequireRole<Moderator>| name_of(&user)),
        )
        .route(
            "/staff",
            get(async |RequireAnyRole(_, role): RequireAnyRole<Staff>| format!("{role:?}")),
        )
        .route(
            "/nothing",
            get(async |_: RequireAnyRole<Nothing>| "unreachable"),
        )
        .route(
            "/permission",
            get(async |_: RequirePermission<UsersRead>| "permitted"),
        )
        .route(
            "/verified",
            get(async |RequireVerified(user): RequireVerified| name_of(&user)),
        )
        .route(
            "/recent",
            get(async |RequireRecentLogin(user): RequireRecentLogin| name_of(&user)),
        )
        .route("/minute", get(async |_: RequireRecentLogin<60>| "recent"))
        .route("/own-words", get(in_own_words))
}

const PATHS: [&str; 9] = [
    "/user",
    "/maybe",
    "/option",
    "/admin",
    "/moderator",
    "/staff",
    "/permission",
    "/verified",
    "/recent",
];

fn app(auth: &TestDoorward) -> App {
    let state = AppState {
        auth: auth.engine().clone(),
    };
    App::new(router().with_state(state))
}

async fn start() -> (TestDoorward, App) {
    let auth = TestDoorward::start_with(|builder| builder.roles::<Staff>()).await;
    let app = app(&auth);
    (auth, app)
}

/// The status, and the code of a refusal.
fn told(answer: &Answer) -> (u16, Value) {
    let code = match answer.status {
        200 => Value::Null,
        _ => answer.json()["code"].clone(),
    };
    (answer.status, code)
}

#[tokio::test]
async fn nobody_hears_that_a_token_is_missing() {
    let (_, app) = start().await;
    for path in PATHS {
        let answer = app.get(path, None).await;
        if matches!(path, "/maybe" | "/option") {
            assert_eq!(answer.text(), "false", "{path}");
            continue;
        }
        answer.expect_problem(401, "not_authenticated", "Could not validate credentials");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        let media_type = answer.header("content-type");
        assert_eq!(media_type, Some("application/problem+json"), "{path}");
    }
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused_even_where_none_would_do() {
    let (auth, app) = start().await;
    let anna = auth.login_as("admin").await;
    let token = anna.authorization();
    let lists: [&[&str]; 4] = [&["Bearer x"], &["Basic YTpi"], &[""], &[&token, &token]];
    for path in PATHS {
        for sent in lists {
            let mut asked = request("GET", path, None);
            for value in sent {
                let value = value.parse().unwrap();
                asked.headers_mut().append(header::AUTHORIZATION, value);
            }
            let answer = app.send(asked).await;
            answer.expect_problem(401, "invalid_token", "Could not validate credentials");
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer error=\"invalid_token\"")
            );
        }
    }
    auth.logout(&anna.who, &anna.caller()).await.unwrap();
    for path in PATHS {
        let answer = app.get(path, Some(&anna)).await;
        assert_eq!(told(&answer), (401, json!("token_revoked")), "{path}");
    }
}

#[tokio::test]
async fn each_lets_in_whom_it_asks_for() {
    let (auth, app) = start().await;
    let mut people = Vec::new();
    for role in ["guest", "moderator", "admin"] {
        people.push(auth.login_as(role).await);
    }
    for (path, statuses) in [
        ("/user", [200, 200, 200]),
        ("/maybe", [200, 200, 200]),
        ("/option", [200, 200, 200]),
        // Rank plays no part: who is an admin is no moderator.
        ("/admin", [403, 403, 200]),
        ("/moderator", [403, 200, 403]),
        ("/staff", [403, 200, 403]),
        ("/permission", [403, 200, 200]),
        ("/verified", [200, 200, 200]),
        ("/recent", [200, 200, 200]),
    ] {
        for (who, status) in people.iter().zip(statuses) {
            let answer = app.get(path, Some(who)).await;
            assert_eq!(answer.status, status, "{path} {who:?}");
            if status == 403 {
                answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
                assert_eq!(answer.header("www-authenticate"), None);
            }
        }
    }
    assert_eq!(app.get("/option", Some(&people[0])).await.text(), "true");
}

#[tokio::test]
async fn the_highest_of_an_apps_roles_is_told() {
    let (auth, app) = start().await;
    for (email, roles, role) in [
        ("clerk@example.com", &["clerk"][..], "Clerk"),
        ("head@example.com", &["clerk", "head", "user"], "Head"),
        ("both@example.com", &["moderator", "clerk"], "Moderator"),
    ] {
        auth.add_user(email, roles).await;
        let user = auth.log_in(email, PASSWORD).await;
        assert_eq!(app.get("/staff", Some(&user)).await.text(), role);
        let answer = app.get("/nothing", Some(&user)).await;
        answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
    }
}

#[tokio::test]
async fn an_address_counts_once_it_was_verified() {
    let (auth, app) = start().await;
    let anna = Registration::new(PASSWORD).email("anna@example.com".parse().unwrap());
    auth.register(&anonymous(), anna).await.unwrap();
    let anna = auth.log_in("anna@example.com", PASSWORD).await;
    let answer = app.get("/verified", Some(&anna)).await;
    answer.expect_problem(403, "email_not_verified", "Email not verified");
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(app.get("/user", Some(&anna)).await.status, 200);
}

#[tokio::test]
async fn a_login_is_recent_for_as_long_as_the_handler_says() {
    let (auth, app) = start().await;
    let anna = auth.login_as("user").await;
    let refused = async |path: &str, who: &TestUser, challenge: &str| {
        let answer = app.get(path, Some(who)).await;
        answer.expect_problem(403, "reauthentication_required", "Log in again");
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    };
    let minute = "Bearer error=\"insufficient_user_authentication\", max_age=\"60\"";
    let default = "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"";

    auth.advance(Duration::from_secs(60));
    assert_eq!(app.get("/minute", Some(&anna)).await.status, 200);
    auth.advance(Duration::from_millis(1));
    refused("/minute", &anna, minute).await;
    auth.advance(Duration::from_millis(240_000 - 1));
    assert_eq!(app.get("/recent", Some(&anna)).await.status, 200);
    auth.advance(Duration::from_millis(1));
    refused("/recent", &anna, default).await;

    let tokens = auth.refresh(&anna.tokens.refresh_token, &anonymous()).await;
    let refreshed = auth.holder_of(tokens.unwrap()).await;
    refused("/recent", &refreshed, default).await;
    let again = auth.log_in("user@example.com", PASSWORD).await;
    assert_eq!(app.get("/recent", Some(&again)).await.status, 200);
    // Who is not let in at all hears that first.
    assert_eq!(app.get("/recent", None).await.status, 401);
}

#[tokio::test]
async fn a_refusal_can_be_told_in_the_apps_own_words() {
    let (auth, app) = start().await;
    let answer = app.get("/own-words", None).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({"oops": "Could not validate credentials"})
    );
    let anna = auth.login_as("user").await;
    let answer = app.get("/own-words", Some(&anna)).await;
    assert_eq!(answer.text(), "user@example.com");
}

#[tokio::test]
async fn cookies_count_where_they_are_on_and_no_foreign_page_sent_them() {
    let (auth, plain) = start().await;
    let state = AppState {
        auth: auth.engine().clone(),
    };
    let cookies = CookieSessions::new(AllowedOrigins::default()).layer();
    let with_cookies = App::new(router().layer(cookies).with_state(state));
    let admin = auth.login_as("admin").await;
    let by_cookie = |site: &str| {
        let token = admin.tokens.access_token.as_str();
        let cookie = format!("__Host-access_token={token}");
        Request::get("/admin")
            .header("cookie", cookie)
            .header("sec-fetch-site", site)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(plain.send(by_cookie("same-origin")).await.status, 401);
    let answer = with_cookies.send(by_cookie("same-origin")).await;
    assert_eq!(answer.text(), "admin@example.com");
    let answer = with_cookies.send(by_cookie("cross-site")).await;
    assert_eq!(told(&answer), (403, json!("csrf_refused")));
}
