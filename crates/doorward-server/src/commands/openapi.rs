//! `doorward openapi`

use doorward::Doorward;

use crate::failure::CommandFailure;
use crate::output;
use crate::serve::api;
use crate::settings::Settings;

/// Prints the OpenAPI document.
pub(crate) fn openapi(settings: &Settings) -> Result<(), CommandFailure> {
    let (_, document) = api(settings).build::<Doorward>();
    output::json(&document)
}
