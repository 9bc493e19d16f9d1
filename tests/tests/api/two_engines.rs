//! Two engines in one process, behind one router, as the guide to embedding has them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use doorward::Doorward;
use doorward::testing::{TestDoorward, TestUser};
use doorward_axum::{Api, CurrentUser, Part, api_router};
use tower::ServiceExt as _;

fn app(customers: Doorward, employees: Doorward) -> Router {
    let shop = Router::new()
        .route("/orders", get(show_id))
        .merge(api_router())
        .with_state(customers);
    let api = Api::new().prefix("/office/api/v1").without([Part::Health]);
    let office = Router::new()
        .route("/office/stock", get(show_id))
        .merge(api.build().0)
        .with_state(employees);
    shop.merge(office)
}

async fn show_id(user: CurrentUser) -> String {
    user.id.to_string()
}

async fn see(app: &Router, path: &str, user: &TestUser) -> StatusCode {
    let request = Request::get(path).header("authorization", user.authorization());
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap().status()
}

/// They even have the same secret here, and the same people.
#[tokio::test]
async fn a_token_of_one_is_worth_nothing_to_the_other() {
    let (customers, employees) = (TestDoorward::start().await, TestDoorward::start().await);
    let app = app(customers.engine().clone(), employees.engine().clone());
    let customer = customers.login_as("user").await;
    let employee = employees.login_as("user").await;
    for path in ["/orders", "/api/v1/users/me"] {
        assert_eq!(see(&app, path, &customer).await, 200, "{path}");
        assert_eq!(see(&app, path, &employee).await, 401, "{path}");
    }
    for path in ["/office/stock", "/office/api/v1/users/me"] {
        assert_eq!(see(&app, path, &employee).await, 200, "{path}");
        assert_eq!(see(&app, path, &customer).await, 401, "{path}");
    }
}
