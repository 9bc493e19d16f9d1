//! The parts of the API, of which an application serves those it wants.

/// A part of the API: endpoints that are served together or not at all.
///
/// Every endpoint belongs to exactly one part. The paths stand below
/// [`Api::prefix`](crate::Api::prefix).
///
/// ```
/// use doorward::Doorward;
/// use doorward_axum::{Api, Part};
///
/// // Accounts are made by the application's own pages; it has a health check too.
/// let api = Api::new().without([Part::Registration, Part::Health]);
/// let (_, document) = api.build::<Doorward>();
/// assert!(document.paths.paths.contains_key("/api/v1/auth/login"));
/// assert!(!document.paths.paths.contains_key("/api/v1/auth/register"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// Making an account oneself.
    ///
    /// - `POST /auth/register`
    ///
    /// Where a captcha is asked for, the refusal says what there is to solve; the endpoint
    /// that tells it beforehand belongs to [`Part::Login`].
    Registration,
    /// Login, tokens, and the own sessions.
    ///
    /// - `GET /auth/captcha`
    /// - `POST /auth/login`
    /// - `POST /auth/login/form`
    /// - `POST /auth/refresh`
    /// - `POST /auth/logout`
    /// - `GET /auth/sessions`
    /// - `DELETE /auth/sessions`
    /// - `DELETE /auth/sessions/{id}`
    Login,
    /// Changing the own password, and resetting a forgotten one.
    ///
    /// - `POST /auth/password/change`
    /// - `POST /auth/password/check`
    /// - `POST /auth/password/reset/request`
    /// - `POST /auth/password/reset/confirm`
    Passwords,
    /// Proving that an e-mail address is one's own.
    ///
    /// - `POST /auth/email/verification/request`
    /// - `POST /auth/email/verification/confirm`
    EmailVerification,
    /// The own account.
    ///
    /// - `GET /auth/me`
    /// - `GET /users/me`
    /// - `PATCH /users/me`
    /// - `DELETE /users/me`
    /// - `GET /users/me/export`
    Profile,
    /// The accounts of others, for those who may manage them.
    ///
    /// - `GET /users`
    /// - `POST /users`
    /// - `GET /users/stats/count`
    /// - `GET /users/{id}`
    /// - `PATCH /users/{id}`
    /// - `DELETE /users/{id}`
    /// - `DELETE /users/{id}/lock`
    Users,
    /// What roles there are, what they permit, and who has them.
    ///
    /// - `GET /roles`
    /// - `POST /roles`
    /// - `PATCH /roles/{name}`
    /// - `DELETE /roles/{name}`
    /// - `PUT /users/{id}/roles`
    Roles,
    /// Who did what.
    ///
    /// - `GET /audit-events`
    Audit,
    /// Whether the service is there, below the prefix and at the root.
    ///
    /// - `GET /health`
    /// - `GET /health/live`
    /// - `GET /health/ready`
    /// - `GET /health/database`
    Health,
}

impl Part {
    /// Every part, each once.
    pub const ALL: &'static [Self] = &[
        Self::Registration,
        Self::Login,
        Self::Passwords,
        Self::EmailVerification,
        Self::Profile,
        Self::Users,
        Self::Roles,
        Self::Audit,
        Self::Health,
    ];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use doorward::Doorward;

    use super::Part;
    use crate::Api;

    /// The endpoints of a part as its documentation lists them: `METHOD /path`.
    fn listed(part: Part) -> BTreeSet<String> {
        let (declaration, _) = include_str!("part.rs").split_once("impl Part").unwrap();
        let (before, _) = declaration.split_once(&format!("    {part:?},\n")).unwrap();
        before
            .lines()
            .rev()
            .take_while(|line| line.starts_with("    ///"))
            .filter_map(|line| line.strip_prefix("    /// - `")?.strip_suffix('`'))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_part_lists_its_endpoints() {
        for part in Part::ALL {
            let (_, document) = Api::new().prefix("").parts([*part]).build::<Doorward>();
            let paths = serde_json::to_value(document.paths).unwrap();
            let mut served = BTreeSet::new();
            for (path, item) in paths.as_object().unwrap() {
                for method in item.as_object().unwrap().keys() {
                    served.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
            assert!(!served.is_empty(), "{part:?}");
            assert_eq!(listed(*part), served, "{part:?}");
        }
    }
}
