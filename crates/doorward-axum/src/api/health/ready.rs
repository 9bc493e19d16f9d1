//! `GET /health/ready`

use axum::extract::State;
use axum::{Extension, Json};
use doorward::Doorward;
use http::StatusCode;

use super::{HealthBody, HealthInfo, examine};

/// Tell whether the service can take requests.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "Service",
    operation_id = "health_ready",
    responses(
        (status = 200, description = "The database answers.", body = HealthBody),
        (status = 503, description = "The database does not answer.", body = HealthBody),
    ),
)]
pub(crate) async fn ready(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    examine(&engine, &info).await
}
