//! `GET /auth/captcha`

use axum::Json;
use axum::extract::State;
use doorward::Doorward;

use crate::extract::RequestOrigin;
use crate::wire::CaptchaBody;

/// Ask whether a captcha is to be solved at login and registration, and which.
///
/// What is solved goes into the `captcha_token` of the next login or registration, and is
/// good for one of them.
#[utoipa::path(
    get,
    path = "/captcha",
    tag = "Authentication",
    responses((status = 200, description = "The captcha, or `none`.", body = CaptchaBody)),
)]
pub(crate) async fn captcha(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
) -> Json<CaptchaBody> {
    let offer = engine.find_captcha(&origin.anonymous()).await;
    Json(offer.map_or_else(CaptchaBody::none, CaptchaBody::from))
}
