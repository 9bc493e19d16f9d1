//! What staff sees of all workspaces.

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, RoleName};
use doorward_axum::{RequireAnyRole, guard};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;
use crate::error::{AppError, ErrorBody};
use crate::roles::Staff;

/// The routes of the back office, for whoever has the role that a setting names.
pub(crate) fn router(auth: &Doorward, role: RoleName) -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_workspaces))
        .routes(routes!(list_notes))
        .route_layer(guard::require_role(auth, role))
}

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Workspace {
    name: String,
    members: i64,
}

/// A note, as staff sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteOfTeam {
    id: i64,
    workspace: String,
    /// For curators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// List all workspaces.
#[utoipa::path(
    get,
    path = "/back-office/workspaces",
    tag = "Back office",
    security(("BearerAuth" = [])),
    responses(
        (status = 200, description = "All of them.", body = [Workspace]),
        (status = "default", description = "Refused.", body = ErrorBody),
    ),
)]
async fn list_workspaces(State(app): State<AppState>) -> Result<Json<Vec<Workspace>>, AppError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select name, count(user_id) from workspaces \
         left join members on workspace_id = workspaces.id group by name order by name",
    )
    .fetch_all(&app.pool)
    .await?;
    let workspaces = rows
        .into_iter()
        .map(|(name, members)| Workspace { name, members });
    Ok(Json(workspaces.collect()))
}

/// List the newest notes of all workspaces.
#[utoipa::path(
    get,
    path = "/back-office/notes",
    tag = "Back office",
    security(("BearerAuth" = [])),
    responses(
        (status = 200, description = "A hundred at most.", body = [NoteOfTeam]),
        (status = "default", description = "Refused.", body = ErrorBody),
    ),
)]
async fn list_notes(
    State(app): State<AppState>,
    RequireAnyRole(_user, role): RequireAnyRole<Staff>,
) -> Result<Json<Vec<NoteOfTeam>>, AppError> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as(
        "select notes.id, name, text from notes \
         join workspaces on workspaces.id = workspace_id order by notes.id desc limit 100",
    )
    .fetch_all(&app.pool)
    .await?;
    let notes = rows.into_iter().map(|(id, workspace, text)| NoteOfTeam {
        id,
        workspace,
        text: match role {
            Staff::Curator => Some(text),
            Staff::Support => None,
        },
    });
    Ok(Json(notes.collect()))
}
