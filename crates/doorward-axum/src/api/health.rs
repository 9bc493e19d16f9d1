//! `/health`, `/health/live`, `/health/ready` and `/health/database`

use std::error::Error;
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::{Extension, Json};
use doorward::Doorward;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

/// What the health checks report besides the health.
#[derive(Clone, Debug)]
pub(crate) struct HealthInfo {
    pub(crate) version: Arc<str>,
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    /// `healthy` or `unhealthy`.
    #[schema(example = "healthy")]
    status: &'static str,
    /// `connected` or `disconnected`.
    #[schema(example = "connected")]
    database: &'static str,
    /// The version of the service.
    #[schema(example = "1.0.0")]
    version: String,
    /// `OK` or `Database unavailable`.
    #[schema(example = "OK")]
    message: &'static str,
}

/// The process is there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Liveness)]
struct LiveBody {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// The health checks; their paths begin with `/health`.
pub(super) fn endpoints<S>(info: &HealthInfo) -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    [
        routes!(health),
        routes!(live),
        routes!(ready),
        routes!(database),
    ]
    .into_iter()
    .map(|(schemas, paths, methods)| (schemas, paths, methods.layer(Extension(info.clone()))))
    .collect()
}

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
async fn health(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    check(&engine, &info).await
}

/// Tell that the process is there, whatever its database does.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "Service",
    operation_id = "health_live",
    responses((status = 200, description = "The process is there.", body = LiveBody)),
)]
async fn live() -> Json<LiveBody> {
    Json(LiveBody { status: "alive" })
}

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
async fn ready(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    check(&engine, &info).await
}

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
async fn database(
    State(engine): State<Doorward>,
    Extension(info): Extension<HealthInfo>,
) -> (StatusCode, Json<HealthBody>) {
    check(&engine, &info).await
}

/// Checks the database. The log has the reason of a failure, the answer has not.
async fn check(engine: &Doorward, info: &HealthInfo) -> (StatusCode, Json<HealthBody>) {
    let version = info.version.to_string();
    match engine.check_health().await {
        Ok(()) => {
            let body = HealthBody {
                status: "healthy",
                database: "connected",
                version,
                message: "OK",
            };
            (StatusCode::OK, Json(body))
        }
        Err(failure) => {
            tracing::warn!(
                error = &failure as &dyn Error,
                "the database does not answer"
            );
            let body = HealthBody {
                status: "unhealthy",
                database: "disconnected",
                version,
                message: "Database unavailable",
            };
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}
