//! `GET /health/database`

use axum::extract::State;
use axum::{Extension, Json};
use doorward::Doorward;
use http::StatusCode;

use super::{HealthBody, HealthInfo, examine};

/// Tell whether the database answers.
#[utoipa::path(
    get,
    path = "/health/database",
    tag = "Service",
    operation_id = "health_database",
    responses(
        (status = 200, description = "The database answers.", body = HealthBody),
        (status = 503, description = "The database does not answer.", body = HealthBody),
    ),
)]
pub(crate) async fn database(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    examine(&engine, &info).await
}
