//! `GET /users/me/export`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use doorward::{Doorward, Export};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::audit_events::AuditEventBody;
use crate::api::auth::SessionBody;
use crate::extract::{CurrentUser, RequestOrigin};
use crate::problem::Problem;
use crate::wire::{UserBody, rfc3339};

/// Everything that is held about an account, less the hash of its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportBody {
    /// When it was put together.
    #[schema(format = DateTime)]
    exported_at: String,
    /// The account.
    user: UserBody,
    /// Its live sessions.
    sessions: Vec<SessionBody>,
    /// What it did and what was done to it, the oldest first; the latest
    /// ten thousand at the most.
    audit_events: Vec<AuditEventBody>,
}

impl From<Export> for ExportBody {
    fn from(export: Export) -> Self {
        Self {
            exported_at: rfc3339(export.exported_at),
            user: UserBody::from(&export.user),
            sessions: export.sessions.into_iter().map(SessionBody::from).collect(),
            audit_events: export.events.iter().map(AuditEventBody::from).collect(),
        }
    }
}

/// Download everything that is held about the own account.
#[utoipa::path(
    get,
    path = "/me/export",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses((status = 200, description = "All data held.", body = ExportBody)),
)]
pub(crate) async fn export_me(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
) -> Result<Response, Problem> {
    let caller = user.caller(origin);
    let export = engine.export_own_data(&user.0, &caller).await?;
    let attachment = HeaderValue::from_static("attachment; filename=\"account.json\"");
    let headers = [(header::CONTENT_DISPOSITION, attachment)];
    Ok((headers, Json(ExportBody::from(export))).into_response())
}
