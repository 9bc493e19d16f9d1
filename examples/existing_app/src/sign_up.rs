//! Signing up: an account and a workspace of its own, both or neither.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use doorward::RegistrationOutcome;
use doorward_axum::fields::{FieldFault, Fields, FromFields};
use doorward_axum::problem::Problem;
use doorward_axum::{RegistrationWith, RequestOrigin};
use serde::Serialize;
use sqlx::SqliteConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::{AppError, ErrorBody};

/// The workspace to found.
#[derive(Debug, ToSchema)]
pub(crate) struct NewWorkspace {
    /// Its name, which no other has.
    #[schema(min_length = 1, max_length = 100, example = "Kitchen")]
    workspace: String,
}

impl FromFields for NewWorkspace {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let workspace: String = fields.required("workspace")?;
        match workspace.chars().count() {
            0 => fields.refuse("workspace", FieldFault::string_too_short(1)),
            1..=100 => Some(Self { workspace }),
            _ => fields.refuse("workspace", FieldFault::string_too_long(100)),
        }
    }
}

/// Somebody in a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    user_id: Uuid,
    workspace_id: i64,
}

/// Sign up, and found a workspace.
#[utoipa::path(
    post,
    path = "/sign-up",
    tag = "Notes",
    request_body = RegistrationWith<NewWorkspace>,
    responses(
        (status = 201, description = "Both were made.", body = Member),
        (status = "default", description = "Neither was.", body = ErrorBody),
    ),
)]
pub(crate) async fn sign_up(
    State(app): State<AppState>,
    origin: RequestOrigin,
    RegistrationWith { registration, own }: RegistrationWith<NewWorkspace>,
) -> Result<(StatusCode, Json<Member>), AppError> {
    // All that takes time, the hash above all, comes before the transaction.
    let caller = origin.anonymous();
    let prepared = app.auth.prepare_registration(&caller, registration).await?;

    // SQLite lets in one writer at a time. It is told at once that this is one: a transaction
    // that reads first, and later writes, is refused where somebody else wrote in between.
    let mut tx = app.pool.begin_with("BEGIN IMMEDIATE").await?;
    let workspace_id = insert_workspace(&mut tx, &own.workspace).await?;
    let RegistrationOutcome::Registered(user) = prepared.insert(&mut *tx).await? else {
        // Not here: `decide` lets registrations tell what they came to.
        return Err(AppError::Refused(Problem::internal()));
    };
    let user_id = user.id.as_uuid();
    sqlx::query("insert into members (user_id, workspace_id) values ($1, $2)")
        .bind(user_id)
        .bind(workspace_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;

    let member = Member {
        user_id,
        workspace_id,
    };
    Ok((StatusCode::CREATED, Json(member)))
}

async fn insert_workspace(tx: &mut SqliteConnection, name: &str) -> Result<i64, AppError> {
    let inserted = sqlx::query_scalar("insert into workspaces (name) values ($1) returning id")
        .bind(name)
        .fetch_one(tx)
        .await;
    inserted.map_err(|error| match error.as_database_error() {
        Some(refused) if refused.is_unique_violation() => AppError::WorkspaceTaken,
        _ => AppError::Database(error),
    })
}
