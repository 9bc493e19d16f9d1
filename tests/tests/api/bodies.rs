//! An application's own routes that read what ours read, and answer what ours answer.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use doorward::{Doorward, LoginOutcome, RegistrationOutcome};
use doorward_axum::edge::{Edge, EdgeService};
use doorward_axum::problem::Problem;
use doorward_axum::{
    AccessTokenBody, ClientAddress, LoginBody, LoginFormBody, RegistrationBody, RequestOrigin,
    TokenBody, UserBody, api_router,
};
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::Answer;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const ADDRESS: [u8; 4] = [192, 0, 2, 7];

#[derive(Clone)]
struct AppState {
    auth: Doorward,
}

impl FromRef<AppState> for Doorward {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

async fn join(
    State(auth): State<Doorward>,
    origin: RequestOrigin,
    RegistrationBody(registration): RegistrationBody,
) -> Result<Response, Problem> {
    match auth.register(&origin.anonymous(), registration).await? {
        RegistrationOutcome::Registered(user) => {
            Ok((StatusCode::CREATED, Json(UserBody::from(&*user))).into_response())
        }
        RegistrationOutcome::ToldByMail => Ok(StatusCode::ACCEPTED.into_response()),
    }
}

async fn enter(
    State(auth): State<Doorward>,
    LoginBody(attempt): LoginBody,
) -> Result<TokenBody, Problem> {
    let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    Ok(TokenBody::from(&tokens))
}

async fn token(
    State(auth): State<Doorward>,
    LoginFormBody(attempt): LoginFormBody,
) -> Result<TokenBody, Problem> {
    let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    Ok(TokenBody::from(&tokens))
}

async fn enter_once(
    State(auth): State<Doorward>,
    LoginBody(attempt): LoginBody,
) -> Result<AccessTokenBody, Problem> {
    let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
    Ok(AccessTokenBody::from(&tokens))
}

fn routes(auth: &Doorward) -> Router {
    Router::new()
        .route("/join", post(join))
        .route("/enter", post(enter))
        .route("/enter-once", post(enter_once))
        .route("/token", post(token))
        .merge(api_router())
        .with_state(AppState { auth: auth.clone() })
}

fn app(auth: &Doorward) -> EdgeService<Router> {
    Edge::default().layer(routes(auth))
}

fn request(path: &str, content_type: &str, body: &str) -> Request<Body> {
    Request::post(path)
        .header("content-type", content_type)
        .extension(ClientAddress(IpAddr::from(ADDRESS)))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn answer(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// What both routes say to the same request, each on an engine of its own that knows
/// `taken@example.com`, and without what differs from request to request.
async fn twice(ours: &str, theirs: &str, content_type: &str, body: &str) -> [(u16, Value); 2] {
    let mut told = Vec::new();
    for path in [ours, theirs] {
        let engine = TestEngine::in_memory().await;
        engine.sign_up("taken@example.com").await;
        let response = app(engine.engine()).oneshot(request(path, content_type, body));
        let answer = answer(response.await.unwrap()).await;
        let mut body = answer.json();
        for varies in ["request_id", "id", "access_token", "refresh_token"] {
            if let Some(value) = body.get_mut(varies) {
                *value = json!("[varies]");
            }
        }
        told.push((answer.status, body));
    }
    told.try_into().unwrap()
}

async fn assert_told_alike([ours, theirs]: [&str; 2], table: &[(u16, &str, &str)]) {
    for (status, content_type, body) in table {
        let [at_ours, at_theirs] = twice(ours, theirs, content_type, body).await;
        assert_eq!(at_ours.0, *status, "{body}: {}", at_ours.1);
        assert_eq!(at_theirs, at_ours, "{body}");
    }
}

#[tokio::test]
async fn a_registration_is_read_as_at_our_door() {
    let anna = json!({"email": "anna@example.com", "password": PASSWORD, "full_name": "Anna"});
    let taken = json!({"email": "taken@example.com", "password": PASSWORD});
    let admin = json!({"email": "anna@example.com", "password": PASSWORD, "role": "admin"});
    let table = [
        (201, JSON, anna.to_string()),
        (409, JSON, taken.to_string()),
        (403, JSON, admin.to_string()),
        (422, JSON, "{}".to_owned()),
        (
            422,
            JSON,
            r#"{"email": "a@", "password": "short", "role": "?"}"#.to_owned(),
        ),
        (
            422,
            JSON,
            r#"{"email": "anna@example.com", "password": "anna@example.com"}"#.to_owned(),
        ),
        (422, JSON, "{".to_owned()),
        (415, FORM, "email=anna%40example.com".to_owned()),
    ];
    let table = table
        .each_ref()
        .map(|(status, kind, body)| (*status, *kind, body.as_str()));
    assert_told_alike(["/api/v1/auth/register", "/join"], &table).await;
}

#[tokio::test]
async fn all_faults_of_a_registration_are_told_at_once() {
    let engine = TestEngine::in_memory().await;
    let body = r#"{"email": "a@", "password": "short", "full_name": 7}"#;
    let response = app(engine.engine()).oneshot(request("/join", JSON, body));
    let answer = answer(response.await.unwrap()).await;
    assert_eq!(answer.status, 422);
    let faults = answer.json()["detail"].as_array().unwrap().len();
    assert_eq!(faults, 3, "{answer}");
}

#[tokio::test]
async fn a_login_is_read_as_at_our_door() {
    let sent = |name: &str| json!({name: "taken@example.com", "password": PASSWORD}).to_string();
    let (username, email) = (sent("username"), sent("email"));
    let form = "username=taken%40example.com&password=correct+horse+battery+staple";
    let grant = format!("{form}&grant_type=client_credentials");
    let table = [
        (200, JSON, username.as_str()),
        (200, JSON, &email),
        (200, FORM, form),
        (
            401,
            JSON,
            r#"{"username": "taken@example.com", "password": "x"}"#,
        ),
        (422, FORM, &grant),
        (422, JSON, "{}"),
        (415, "text/plain", "x"),
    ];
    assert_told_alike(["/api/v1/auth/login", "/enter"], &table).await;
}

#[tokio::test]
async fn the_form_of_a_login_is_read_as_at_our_door() {
    let form = "username=taken%40example.com&password=correct+horse+battery+staple";
    let table = [
        (200, FORM, form),
        (422, FORM, "grant_type=password"),
        (
            415,
            JSON,
            r#"{"username": "taken@example.com", "password": "x"}"#,
        ),
    ];
    assert_told_alike(["/api/v1/auth/login/form", "/token"], &table).await;
}

#[tokio::test]
async fn an_attempt_tells_where_it_comes_from() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let body = json!({"username": "anna@example.com", "password": PASSWORD}).to_string();
    let response = app(engine.engine()).oneshot(request("/enter", JSON, &body));
    let tokens = answer(response.await.unwrap()).await.expect(200).json();
    let token = tokens["access_token"].as_str().unwrap();
    let anna = engine.authenticate(token).await.unwrap();
    let sessions = engine.list_sessions(&anna).await.unwrap();
    let ips: Vec<_> = sessions
        .iter()
        .filter_map(|session| session.ip.as_deref())
        .collect();
    assert_eq!(ips, ["192.0.2.7"]);
}

#[tokio::test]
async fn tokens_are_kept_by_nobody_on_the_way() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let body = json!({"username": "anna@example.com", "password": PASSWORD}).to_string();
    for path in ["/enter", "/enter-once"] {
        let without_edge = routes(engine.engine());
        let response = without_edge.oneshot(request(path, JSON, &body));
        let answer = answer(response.await.unwrap()).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn an_access_token_goes_alone() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let body = json!({"username": "anna@example.com", "password": PASSWORD}).to_string();
    let response = app(engine.engine()).oneshot(request("/enter-once", JSON, &body));
    let told = answer(response.await.unwrap()).await.expect(200).json();
    let token = told["access_token"].as_str().unwrap();
    assert!(engine.authenticate(token).await.is_ok());
    assert_eq!(told, json!({"access_token": token, "token_type": "bearer"}));
}
