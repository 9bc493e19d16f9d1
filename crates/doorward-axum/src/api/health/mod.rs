//! `/health`: is it there, and does its database answer?

mod database;
mod live;
mod overall;
mod ready;

use axum::Extension;
use axum::extract::FromRef;
use doorward::Doorward;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

/// What the health checks tell beside the health.
#[derive(Clone, Debug)]
pub(crate) struct HealthInfo {
    pub(crate) version: std::sync::Arc<str>,
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
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

pub(super) fn endpoints<S>(info: &HealthInfo) -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    [
        routes!(overall::health),
        routes!(live::live),
        routes!(ready::ready),
        routes!(database::database),
    ]
    .into_iter()
    .map(|(schemas, paths, methods)| (schemas, paths, methods.layer(Extension(info.clone()))))
    .collect()
}

/// Asks the database, and says how it is; why it does not answer is for the log alone.
async fn examine(
    engine: &Doorward,
    info: &HealthInfo,
) -> (http::StatusCode, axum::Json<HealthBody>) {
    let version = info.version.to_string();
    match engine.check_health().await {
        Ok(()) => {
            let body = HealthBody {
                status: "healthy",
                database: "connected",
                version,
                message: "OK",
            };
            (http::StatusCode::OK, axum::Json(body))
        }
        Err(failure) => {
            tracing::warn!(
                error = &failure as &dyn std::error::Error,
                "the database does not answer"
            );
            let body = HealthBody {
                status: "unhealthy",
                database: "disconnected",
                version,
                message: "Database unavailable",
            };
            (http::StatusCode::SERVICE_UNAVAILABLE, axum::Json(body))
        }
    }
}
