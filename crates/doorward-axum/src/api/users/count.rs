//! `GET /users/stats/count`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, Statistics, UsersCount};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::RequirePermission;
use crate::problem::Problem;

/// How many accounts there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statistics)]
pub(crate) struct StatisticsBody {
    /// In all.
    #[schema(example = 42)]
    total_users: u64,
    /// That may be used.
    #[schema(example = 40)]
    active: u64,
    /// With a verified e-mail address.
    #[schema(example = 37)]
    verified: u64,
    /// With each role, under its name; an account with several roles counts for each.
    #[schema(example = json!({"admin": 1, "moderator": 2, "user": 39, "guest": 0}))]
    by_role: BTreeMap<String, u64>,
}

impl From<Statistics> for StatisticsBody {
    fn from(statistics: Statistics) -> Self {
        Self {
            total_users: statistics.total,
            active: statistics.active,
            verified: statistics.verified,
            by_role: statistics
                .by_role
                .into_iter()
                .map(|(role, number)| (role.to_string(), number))
                .collect(),
        }
    }
}

/// Count the accounts.
#[utoipa::path(
    get,
    path = "/stats/count",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses(
        (status = 200, description = "The numbers.", body = StatisticsBody),
        (status = 403, description = "Insufficient privileges."),
    ),
)]
pub(crate) async fn count_users(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersCount>,
) -> Result<Json<StatisticsBody>, Problem> {
    let statistics = engine.count_users(&by).await?;
    Ok(Json(statistics.into()))
}
