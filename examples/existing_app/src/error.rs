//! What goes wrong, in the app's own words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorward::RegisterError;
use doorward_axum::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug)]
pub(crate) enum AppError {
    /// What Doorward has against it.
    Refused(Problem),
    WorkspaceTaken,
    NoWorkspace,
    NoSuchNote,
    Database(sqlx::Error),
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// A stable word.
    #[schema(example = "workspace_taken")]
    error: &'static str,
    /// A sentence for people.
    #[schema(example = "There is a workspace of this name")]
    message: String,
}

impl ErrorBody {
    /// What Doorward refuses, in the same shape.
    pub(crate) fn of(problem: &Problem) -> Json<Self> {
        Json(Self {
            error: problem.code().as_str(),
            message: problem.message(),
        })
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::WorkspaceTaken => (
                StatusCode::CONFLICT,
                "workspace_taken",
                "There is a workspace of this name",
            ),
            Self::NoWorkspace => (
                StatusCode::FORBIDDEN,
                "no_workspace",
                "You are in no workspace",
            ),
            Self::NoSuchNote => (
                StatusCode::NOT_FOUND,
                "no_such_note",
                "There is no such note",
            ),
            // The edge gives problems the app's shape, and logs the cause, which nobody is told.
            Self::Refused(problem) => return problem.into_response(),
            Self::Database(error) => {
                return Problem::internal().with_cause(error).into_response();
            }
        };
        let message = message.to_owned();
        (status, Json(ErrorBody { error, message })).into_response()
    }
}

impl From<RegisterError> for AppError {
    fn from(error: RegisterError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
