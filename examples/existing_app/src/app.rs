//! The app: its state, its routes and their documentation.

use axum::Router;
use axum::extract::FromRef;
use doorward::{Doorward, RoleName};
use doorward_axum::docs_ui::docs_router;
use doorward_axum::edge::Edge;
use doorward_axum::{Api, Part, openapi};
use sqlx::SqlitePool;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::error::ErrorBody;
use crate::{back_office, notes, sign_up};

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) auth: Doorward,
    pub(crate) pool: SqlitePool,
}

/// All that the extractors and the routes of Doorward ask of the state.
impl FromRef<AppState> for Doorward {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(info(title = "Notes", version = "2.0.0"))]
struct NotesApi;

/// The app's routes and Doorward's, and one document of both at `/docs`.
pub(crate) fn router(
    state: AppState,
    back_office_role: RoleName,
) -> Result<Router, Box<dyn std::error::Error>> {
    let (own, mut document) = OpenApiRouter::with_openapi(NotesApi::openapi())
        .routes(routes!(sign_up::sign_up))
        .routes(routes!(notes::list, notes::write))
        .routes(routes!(notes::delete))
        .merge(back_office::router(&state.auth, back_office_role))
        .split_for_parts();

    // Nobody registers past `/sign-up`.
    let api = Api::new().without([Part::Registration]);
    let (auth, mut auth_document) = api.build::<AppState>();
    openapi::reshape_problems::<ErrorBody>(&mut auth_document);
    openapi::merge(&mut document, auth_document)?;

    let pages = docs_router(document.to_json()?.into(), "Notes");
    Ok(own.merge(auth).merge(pages).with_state(state))
}

/// What every request passes first; whatever is refused on the way has the app's own body.
pub(crate) fn edge() -> Edge {
    Edge::default().shape_problems(ErrorBody::of)
}
