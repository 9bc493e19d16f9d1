//! `GET /health`

use axum::extract::State;
use axum::{Extension, Json};
use doorward::Doorward;
use http::StatusCode;

use super::{HealthBody, HealthInfo, examine};

/// Tell whether the service is healthy.
#[utoipa::path(
    get,
    path = "/health",
    tag = "Service",
    operation_id = "health",
    responses(
        (status = 200, description = "The database answers.", body = HealthBody),
        (status = 503, description = "The database does not answer.", body = HealthBody),
    ),
)]
pub(crate) async fn health(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    examine(&engine, &info).await
}
