//! An application with a document of its own, as an embedder writes it.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use doorward::{Database, Doorward};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{components, merge};
use crate::docs_ui::docs_router;
use crate::problem::Problem;
use crate::{Api, CurrentUser, Part, UserBody};

#[derive(utoipa::OpenApi)]
#[openapi(info(title = "Shop", version = "7"))]
struct ShopApi;

/// Tell who orders.
#[utoipa::path(
    get,
    path = "/customer",
    security(("BearerAuth" = [])),
    responses(
        (status = 200, description = "The customer.", body = UserBody),
        (
            status = 404,
            description = "Has ordered nothing.",
            body = Problem,
            content_type = "application/problem+json",
        ),
        Problem,
    ),
)]
async fn customer(_: CurrentUser) -> Problem {
    Problem::not_found()
}

/// Tell that the shop is open.
#[utoipa::path(get, path = "/health", responses((status = 200, body = String)))]
async fn health() -> &'static str {
    "open"
}

async fn shop() -> Router {
    let engine = Doorward::builder(Database::connect("sqlite::memory:").await.unwrap())
        .secret_key("0123456789abcdef0123456789abcdef")
        .build()
        .await
        .unwrap();
    let (app, mut document) = OpenApiRouter::with_openapi(ShopApi::openapi())
        .routes(routes!(customer))
        .routes(routes!(health))
        .split_for_parts();
    let api = Api::new().without([Part::Health]);
    let (auth, auth_document) = api.build::<Doorward>();
    merge(&mut document, auth_document).unwrap();
    let pages = docs_router(document.to_json().unwrap().into(), "Shop");
    app.merge(auth).merge(pages).with_state(engine)
}

async fn fetch(app: &Router, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn bytes(response: Response) -> Vec<u8> {
    let body = response.into_body().collect().await.unwrap();
    body.to_bytes().to_vec()
}

#[tokio::test]
async fn one_page_describes_the_application_and_the_api() {
    let app = shop().await;
    assert_eq!(fetch(&app, "/docs").await.status(), StatusCode::OK);
    let document = bytes(fetch(&app, "/openapi.json").await).await;
    let document: Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["info"]["title"], "Shop");
    assert!(document["paths"]["/customer"]["get"].is_object());
    assert!(document["paths"]["/api/v1/users/me"]["get"].is_object());
    assert!(document["components"]["securitySchemes"]["BearerAuth"].is_object());

    let schemas = document["components"]["schemas"].as_object().unwrap();
    let renamed: Vec<_> = schemas
        .keys()
        .filter(|name| name.starts_with("Doorward"))
        .collect();
    assert!(renamed.is_empty(), "{renamed:?}");
    let responses = &document["paths"]["/customer"]["get"]["responses"];
    for status in ["404", "default"] {
        assert_eq!(
            responses[status]["content"]["application/problem+json"]["schema"]["$ref"],
            "#/components/schemas/Problem"
        );
    }
}

#[tokio::test]
async fn both_routers_answer() {
    let app = shop().await;
    assert_eq!(bytes(fetch(&app, "/health").await).await, b"open");
    for path in ["/customer", "/api/v1/users/me"] {
        let answer = fetch(&app, path).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let absent = fetch(&app, "/api/v1/health").await;
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
}

#[test]
fn routes_of_ones_own_have_what_they_refer_to() {
    let mut document = ShopApi::openapi();
    merge(&mut document, components("/token")).unwrap();
    let told = serde_json::to_value(&document).unwrap();
    let schemes = &told["components"]["securitySchemes"];
    assert_eq!(
        schemes["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"],
        "/token"
    );
    assert_eq!(schemes["BearerAuth"]["scheme"], "bearer");
    assert!(told["components"]["schemas"]["Problem"].is_object());
    assert!(document.paths.paths.is_empty());

    // It is what comes with the API, too: nothing of the same name is another thing.
    let (_, ours) = Api::new().parts([]).build::<Doorward>();
    merge(&mut document, ours).unwrap();
    assert_eq!(
        serde_json::to_value(&document).unwrap()["components"],
        told["components"]
    );
}
