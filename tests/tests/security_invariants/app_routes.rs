//! ASVS 8, for routes of an application's own: what is promised of the API's holds for them.

use axum::routing::get;
use axum::{Extension, Router};
use doorward::testing::{PASSWORD, TestDoorward, TestUser, anonymous};
use doorward::{
    Admin, AppRole, Caller, Doorward, Permission, Reauthentication, Registration, RoleName,
    UserChange, UsersRead,
};
use doorward_axum::{
    CurrentUser, RequireAnyRole, RequirePermission, RequireRole, RequireVerified, api_router, guard,
};
use doorward_tests::app::{App, request};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;

#[derive(Clone, Copy)]
struct Boss;

impl AppRole for Boss {
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> RoleName {
        RoleName::ADMIN
    }
}

/// What admins alone may see, by each of the ways to say so.
const FOR_ADMINS: [&str; 6] = [
    "/role",
    "/any",
    "/permission",
    "/g/role",
    "/g/any",
    "/g/permission",
];

fn app(auth: &Doorward) -> App {
    let guarded =
        |layer| get(async |user: Extension<CurrentUser>| user.id.to_string()).layer(layer);
    let router = Router::new()
        .route("/user", get(async |user: CurrentUser| user.id.to_string()))
        .route("/role", get(async |_: RequireRole<Admin>| ()))
        .route("/any", get(async |_: RequireAnyRole<Boss>| ()))
        .route(
            "/permission",
            get(async |_: RequirePermission<UsersRead>| ()),
        )
        .route("/verified", get(async |_: RequireVerified| ()))
        .route(
            "/has",
            get(async |user: CurrentUser| {
                let has = user.has_role(&RoleName::ADMIN);
                let may = user.is_permitted(&Permission::USERS_READ);
                format!("{has} {may} {}", user.role_of::<Boss>().is_some())
            }),
        )
        .route("/g/user", guarded(guard::require_user(auth)))
        .route(
            "/g/role",
            guarded(guard::require_role(auth, RoleName::ADMIN)),
        )
        .route(
            "/g/any",
            guarded(guard::require_any_role(
                auth,
                [RoleName::MODERATOR, RoleName::ADMIN],
            )),
        )
        .route(
            "/g/permission",
            guarded(guard::require_permission(auth, Permission::USERS_READ)),
        )
        .route("/g/verified", guarded(guard::require_verified(auth)));
    App::new(router.with_state(auth.clone()))
}

async fn statuses(app: &App, who: &TestUser) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in FOR_ADMINS {
        statuses.push(app.get(path, Some(who)).await.status);
    }
    statuses
}

#[tokio::test]
async fn v8_3_2_a_role_taken_away_opens_no_route_of_the_app_any_more() {
    let auth = TestDoorward::start().await;
    let app = app(&auth);
    auth.add_user("other@example.com", ["admin"]).await;
    let admin = auth.login_as("admin").await;
    let give = async |role: RoleName| {
        let change = UserChange {
            roles: Some(vec![role]),
            ..UserChange::default()
        };
        let (operator, none) = (Caller::operator(), Reauthentication::default());
        auth.update_user(&operator, admin.user.id, change, &none)
            .await
            .unwrap();
    };
    assert_eq!(statuses(&app, &admin).await, [200; 6]);
    give(RoleName::USER).await;
    assert_eq!(statuses(&app, &admin).await, [403; 6]);
    give(RoleName::ADMIN).await;
    assert_eq!(statuses(&app, &admin).await, [200; 6]);
    auth.logout(&admin.who, &admin.caller()).await.unwrap();
    assert_eq!(statuses(&app, &admin).await, [401; 6]);
}

#[tokio::test]
async fn one_engine_s_tokens_open_no_route_of_another() {
    let secret =
        |secret: &'static str| TestDoorward::start_with(move |builder| builder.secret_key(secret));
    let one = secret("the secret of the one engine, long enough").await;
    let other = secret("the secret of the other, also long enough").await;
    // Not even where both were given the same secret: the sessions are not the same.
    let twin = secret("the secret of the one engine, long enough").await;
    let admin = one.login_as("admin").await;
    assert_eq!(statuses(&app(&one), &admin).await, [200; 6]);
    assert_eq!(statuses(&app(&other), &admin).await, [401; 6]);
    assert_eq!(statuses(&app(&twin), &admin).await, [401; 6]);
}

#[tokio::test]
async fn an_extractor_trusts_no_guard_of_another_engine() {
    let [one, other] = [TestDoorward::start().await, TestDoorward::start().await];
    let admin = one.login_as("admin").await;
    let inner = Router::new()
        .route("/", get(async |_: RequireRole<Admin>| ()))
        .route(
            "/maybe",
            get(async |user: Option<CurrentUser>| user.is_some().to_string()),
        )
        .with_state(other.engine().clone())
        .layer(guard::require_role(&one, RoleName::ADMIN));
    let app = App::new(inner);
    for path in ["/", "/maybe"] {
        assert_eq!(app.get(path, Some(&admin)).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn an_account_that_must_verify_its_address_has_no_role_in_the_app_until_then() {
    let auth = TestDoorward::start_with(|builder| {
        builder
            .require_verified_email(true)
            .self_assignable_roles([RoleName::ADMIN])
    })
    .await;
    let app = app(&auth);
    let registration = Registration::new(PASSWORD)
        .email("anna@example.com".parse().unwrap())
        .role(RoleName::ADMIN);
    auth.register(&anonymous(), registration).await.unwrap();
    let anna = auth.log_in("anna@example.com", PASSWORD).await;
    for path in FOR_ADMINS.into_iter().chain(["/verified", "/g/verified"]) {
        let answer = app.get(path, Some(&anna)).await;
        answer.expect_problem(403, "email_not_verified", "Email not verified");
    }
    assert_eq!(
        app.get("/has", Some(&anna)).await.text(),
        "false false false"
    );
    for path in ["/user", "/g/user"] {
        assert_eq!(app.get(path, Some(&anna)).await.status, 200, "{path}");
    }
    let change = UserChange {
        is_verified: Some(true),
        ..UserChange::default()
    };
    let (operator, none) = (Caller::operator(), Reauthentication::default());
    auth.update_user(&operator, anna.user.id, change, &none)
        .await
        .unwrap();
    assert_eq!(statuses(&app, &anna).await, [200; 6]);
    assert_eq!(app.get("/has", Some(&anna)).await.text(), "true true true");
}

/// Also where the application has no `Edge` around the API.
#[tokio::test]
async fn v14_3_2_no_cache_keeps_what_the_api_tells_of_people() {
    let auth = TestDoorward::start_with(|builder| builder.reveal_tokens(true)).await;
    let app = App::new(api_router().with_state(auth.engine().clone()));
    let admin = auth.login_as("admin").await;
    let anna = auth.add_user("anna@example.com", ["user"]).await;
    let own = format!("/api/v1/users/{}", anna.id);
    let roles = format!("{own}/roles");
    let (password, email) = (PASSWORD, "anna@example.com");
    let register = json!({"email": "new@example.com", "password": password});
    let create = json!({"email": "other@example.com", "password": password});
    for (method, path, body) in [
        ("GET", "/api/v1/users/me", None),
        ("GET", "/api/v1/auth/me", None),
        ("GET", "/api/v1/users/me/export", None),
        ("GET", "/api/v1/auth/sessions", None),
        ("GET", "/api/v1/users", None),
        ("GET", own.as_str(), None),
        ("GET", "/api/v1/audit-events", None),
        ("POST", "/api/v1/auth/register", Some(register)),
        ("POST", "/api/v1/users", Some(create)),
        ("PATCH", "/api/v1/users/me", Some(json!({"full_name": "A"}))),
        ("PATCH", own.as_str(), Some(json!({"full_name": "B"}))),
        ("PUT", roles.as_str(), Some(json!({"roles": ["user"]}))),
        (
            "POST",
            "/api/v1/auth/login",
            Some(json!({"username": email, "password": password})),
        ),
        (
            "POST",
            "/api/v1/auth/password/reset/request",
            Some(json!({"email": email})),
        ),
    ] {
        let mut request = request(method, path, Some(&admin));
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = body.to_string().into();
        }
        let answer = app.send(request).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        let caching = answer.headers.get(CACHE_CONTROL);
        assert_eq!(caching.unwrap(), "no-store", "{method} {path}");
    }
}
