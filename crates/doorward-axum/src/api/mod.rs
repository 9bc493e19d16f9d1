//! The endpoints: one file each, in folders that mirror the URLs.

mod audit_events;
mod auth;
mod health;
mod roles;
mod users;

use axum::Router;
use axum::extract::FromRef;
use doorward::Doorward;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::openapi;
use crate::part::Part;

pub(crate) use health::HealthInfo;

/// Endpoints with the document that describes them.
///
/// Every route is entered under its whole path: a nested router would take each request's
/// address apart and put it together again, once for each level.
pub(crate) struct Endpoints<S> {
    pub(crate) router: Router<S>,
    pub(crate) document: OpenApi,
}

impl<S> Endpoints<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    /// No endpoints yet, in a document that says what the service is.
    pub(crate) fn new(document: OpenApi) -> Self {
        Self {
            router: Router::new(),
            document,
        }
    }

    /// Adds the endpoints of a part, with this path before theirs.
    pub(crate) fn with_part(self, prefix: &str, part: Part, info: &HealthInfo) -> Self {
        let endpoints = self
            .with(&format!("{prefix}/auth"), auth::endpoints(part))
            .with(&format!("{prefix}/users"), users::endpoints(part))
            .with(&format!("{prefix}/roles"), roles::endpoints(part))
            .with(
                &format!("{prefix}/audit-events"),
                audit_events::endpoints(part),
            );
        if part == Part::Health {
            endpoints.with_health(prefix, info)
        } else {
            endpoints
        }
    }

    /// Adds the health checks below the prefix and at the root, which may be one place.
    fn with_health(self, prefix: &str, info: &HealthInfo) -> Self {
        if prefix.is_empty() {
            return self.with("", health::endpoints(info));
        }
        let mut below = health::endpoints(info);
        let documented = below.iter_mut().flat_map(|(_, paths, _)| &mut paths.paths);
        for operation in documented.flat_map(|(_, item)| openapi::operations(item)) {
            openapi::distinguish(operation);
        }
        self.with(prefix, below).with("", health::endpoints(info))
    }

    fn with(mut self, prefix: &str, endpoints: Vec<UtoipaMethodRouter<S>>) -> Self {
        for (schemas, paths, methods) in endpoints {
            let components = self.document.components.get_or_insert_default();
            components.schemas.extend(schemas);
            for (path, item) in paths.paths {
                let path = format!("{prefix}{path}");
                self.router = self.router.route(&path, methods.clone());
                self.document.paths.paths.insert(path, item);
            }
        }
        self
    }
}
