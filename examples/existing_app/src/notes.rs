//! The notes of a workspace.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use doorward_axum::fields::{Fields, FromFields, JsonBody, PathParam};
use doorward_axum::{CurrentUser, RequirePermission};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::{AppError, ErrorBody};
use crate::roles::NotesDelete;

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Note {
    id: i64,
    /// Who wrote it; `null` where the account is gone.
    #[schema(required)]
    author_id: Option<Uuid>,
    text: String,
}

/// A note to write.
#[derive(Debug, ToSchema)]
pub(crate) struct NewNote {
    #[schema(example = "Buy tea")]
    text: String,
}

impl FromFields for NewNote {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.required("text").map(|text| Self { text })
    }
}

/// List the newest notes of the own workspace.
#[utoipa::path(
    get,
    path = "/notes",
    tag = "Notes",
    security(("BearerAuth" = [])),
    responses(
        (status = 200, description = "A hundred at most, the newest first.", body = [Note]),
        (status = "default", description = "Refused.", body = ErrorBody),
    ),
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    user: CurrentUser,
) -> Result<Json<Vec<Note>>, AppError> {
    let rows: Vec<(i64, Option<Uuid>, String)> = sqlx::query_as(
        "select notes.id, author_id, text from notes \
         join members on members.workspace_id = notes.workspace_id \
         where user_id = $1 order by notes.id desc limit 100",
    )
    .bind(user.id.as_uuid())
    .fetch_all(&app.pool)
    .await?;
    let notes = rows.into_iter().map(|(id, author_id, text)| Note {
        id,
        author_id,
        text,
    });
    Ok(Json(notes.collect()))
}

/// Write a note in the own workspace.
#[utoipa::path(
    post,
    path = "/notes",
    tag = "Notes",
    security(("BearerAuth" = [])),
    request_body = NewNote,
    responses(
        (status = 201, description = "The note.", body = Note),
        (status = "default", description = "Refused.", body = ErrorBody),
    ),
)]
pub(crate) async fn write(
    State(app): State<AppState>,
    user: CurrentUser,
    JsonBody(NewNote { text }): JsonBody<NewNote>,
) -> Result<(StatusCode, Json<Note>), AppError> {
    let author_id = user.id.as_uuid();
    let id = sqlx::query_scalar(
        "insert into notes (workspace_id, author_id, text) \
         select workspace_id, user_id, $2 from members where user_id = $1 returning id",
    )
    .bind(author_id)
    .bind(&text)
    .fetch_optional(&app.pool)
    .await?
    .ok_or(AppError::NoWorkspace)?;
    let note = Note {
        id,
        author_id: Some(author_id),
        text,
    };
    Ok((StatusCode::CREATED, Json(note)))
}

/// Delete any note, for those who may.
#[utoipa::path(
    delete,
    path = "/notes/{id}",
    tag = "Notes",
    security(("BearerAuth" = [])),
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "It is gone."),
        (status = "default", description = "Refused.", body = ErrorBody),
    ),
)]
pub(crate) async fn delete(
    State(app): State<AppState>,
    _: RequirePermission<NotesDelete>,
    PathParam(id): PathParam<i64>,
) -> Result<StatusCode, AppError> {
    let deleted = sqlx::query("delete from notes where id = $1")
        .bind(id)
        .execute(&app.pool)
        .await?;
    match deleted.rows_affected() {
        0 => Err(AppError::NoSuchNote),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
