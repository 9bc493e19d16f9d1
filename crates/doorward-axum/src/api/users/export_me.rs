//! `GET /users/me/export`

mod body;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use doorward::Doorward;
use http::{HeaderValue, header};

use crate::extract::{CurrentUser, RequestOrigin};
use crate::problem::Problem;
use crate::wire::Unstored;
use body::ExportBody;

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
    Ok((headers, Unstored(ExportBody::from(export))).into_response())
}
