//! `GET /health/live`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The process is there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Liveness)]
pub(crate) struct LiveBody {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Tell that the process is there, whatever its database does.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "Service",
    operation_id = "health_live",
    responses((status = 200, description = "The process is there.", body = LiveBody)),
)]
pub(crate) async fn live() -> Json<LiveBody> {
    Json(LiveBody { status: "alive" })
}
