//! `POST /auth/password/check`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, Password, PasswordAssessment, PasswordContext, PasswordFault};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::{Fields, FromFields, JsonBody};
use crate::problem::Problem;
use crate::wire::NameHint;

/// A password that somebody thinks of, and for whom.
#[derive(Debug, ToSchema)]
#[schema(as = PasswordCheck)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Check` is what is read"
)]
pub(crate) struct CheckBody {
    /// The password; it is neither kept nor answered.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "anna1985")]
    password: String,
    /// The e-mail address of the account, as far as it is known.
    #[schema(max_length = 1024, example = "anna@example.com")]
    email: Option<String>,
    /// The username of the account, as far as it is known.
    #[schema(max_length = 1024)]
    username: Option<String>,
    /// What the person is called, as far as it is known.
    #[schema(max_length = 1024)]
    full_name: Option<String>,
}

/// What is read of it.
#[derive(Debug)]
pub(crate) struct Check {
    password: Password,
    context: PasswordContext,
}

impl FromFields for Check {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let password = fields.required("password");
        let email = fields.optional("email");
        let username = fields.optional("username");
        let full_name = fields.optional("full_name");
        let text = |hint: Option<NameHint>| hint.map(|hint| hint.0).unwrap_or_default();
        let context = PasswordContext::new()
            .email(&text(email?))
            .username(&text(username?))
            .full_name(&text(full_name?));
        Some(Self {
            password: password?,
            context,
        })
    }
}

/// What becomes of the password, if it is chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasswordAssessment)]
pub(crate) struct AssessmentBody {
    /// Whether it may be chosen.
    acceptable: bool,
    /// How hard it is to guess: from 0 (guessed at once) to 4 (not guessed in years).
    #[schema(minimum = 0, maximum = 4, example = 1)]
    score: u8,
    /// Why it may not be chosen; empty where it may.
    reasons: Vec<ReasonBody>,
    /// What makes it easy to guess, where something does.
    warning: Option<String>,
    /// What would make it harder to guess.
    suggestions: Vec<String>,
}

/// One reason for which a password may not be chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasswordReason)]
pub(crate) struct ReasonBody {
    /// The reason as a stable word.
    #[schema(example = "own_name")]
    code: &'static str,
    /// The reason in words.
    #[schema(example = "Password must be more than your name or e-mail address")]
    message: String,
}

impl From<PasswordAssessment> for AssessmentBody {
    fn from(assessment: PasswordAssessment) -> Self {
        let PasswordAssessment {
            faults, strength, ..
        } = assessment;
        Self {
            acceptable: faults.is_empty(),
            score: strength.score,
            reasons: faults.into_iter().map(ReasonBody::from).collect(),
            warning: strength.warning,
            suggestions: strength.suggestions,
        }
    }
}

impl From<PasswordFault> for ReasonBody {
    fn from(fault: PasswordFault) -> Self {
        Self {
            code: fault.as_str(),
            message: fault.to_string(),
        }
    }
}

/// Tell whether a password may be chosen, and how hard it is to guess.
#[utoipa::path(
    post,
    path = "/password/check",
    tag = "Authentication",
    request_body(
        content = CheckBody,
        example = json!({"password": "anna1985", "email": "anna@example.com"}),
    ),
    responses(
        (status = 200, description = "What becomes of the password, if it is chosen.", body = AssessmentBody),
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn check_password(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    JsonBody(check): JsonBody<Check>,
) -> Result<Json<AssessmentBody>, Problem> {
    let assessment = engine
        .assess_password(&check.password, &check.context, &origin.anonymous())
        .await?;
    Ok(Json(assessment.into()))
}
