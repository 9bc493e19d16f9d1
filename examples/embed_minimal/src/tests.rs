//! Who is let in.

use axum::{body::Body, http::Request};
use doorward::testing::TestDoorward;
use tower::ServiceExt as _;

#[tokio::test]
async fn reports_are_for_admins() {
    let auth = TestDoorward::start().await;
    for (role, expected) in [("admin", 200), ("user", 403)] {
        let authorization = auth.login_as(role).await.authorization();
        let request = Request::get("/reports").header("authorization", authorization);
        let app = super::app(auth.engine().clone());
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.unwrap().status(), expected, "{role}");
    }
}
