//! Adding our document to an application's.

mod components;
mod operations;
#[cfg(test)]
mod tests;

use std::{error, fmt};

use utoipa::openapi::{Components, OpenApi};

/// Adds the paths, the components and the tags of Doorward's document to an application's.
///
/// Whatever the application's document has stays as it is, above all its `info`, its
/// `servers` and its `security`; nothing that Doorward describes is lost:
///
/// - Components (schemas, security schemes and so on) that are the same in both, along with
///   all that they refer to, are shared. Where one name means different things, Doorward's is
///   called `Doorward<Name>`, or `Doorward<Name>2` and so on if that name is taken too, and
///   whatever refers to it follows.
/// - An operation id that the application has is called `doorward_<id>` among Doorward's
///   operations.
/// - Where the application's document asks for authentication in general, Doorward's
///   operations that need none say so.
/// - A tag that both have keeps the application's description.
///
/// [`OpenApi::merge`] of utoipa would leave out components whose name is taken, and what refers
/// to them would refer to the application's.
///
/// ```
/// use doorward::Doorward;
/// use doorward_axum::{Api, openapi};
/// use utoipa::openapi::{InfoBuilder, OpenApi, Paths};
///
/// let info = InfoBuilder::new().title("Shop").version("1.0.0").build();
/// let mut document = OpenApi::new(info, Paths::new());
/// let (_, auth_document) = Api::new().build::<Doorward>();
/// openapi::merge(&mut document, auth_document)?;
/// assert_eq!(document.info.title, "Shop");
/// assert!(document.paths.paths.contains_key("/api/v1/auth/login"));
/// # Ok::<(), openapi::MergeError>(())
/// ```
///
/// # Errors
/// [`MergeError::Overlapping`] where both have an operation at one path, or paths that differ
/// in the names of their parameters alone: such routers cannot be merged either.
/// [`MergeError::Unreadable`] where a document cannot be written as JSON and read back. The
/// application's document then is as it was.
pub fn merge(app: &mut OpenApi, mut doorward: OpenApi) -> Result<(), MergeError> {
    operations::check_overlap(&app.paths, &doorward.paths)?;
    operations::keep_security(app, &mut doorward);
    operations::distinguish(app, &mut doorward);
    let ours = components::distinguish(app, doorward)?;
    app.paths.merge(ours.paths);
    if let Some(components) = ours.components {
        add_components(app.components.get_or_insert_default(), components);
    }
    for tag in ours.tags.into_iter().flatten() {
        let tags = app.tags.get_or_insert_default();
        if tags.iter().all(|known| known.name != tag.name) {
            tags.push(tag);
        }
    }
    Ok(())
}

/// Why two documents can't become one.
#[derive(Debug)]
#[non_exhaustive]
pub enum MergeError {
    /// Both have these, each `METHOD /path`, or two paths that are the same but for the names
    /// of their parameters.
    Overlapping(Vec<String>),
    /// A document cannot be written as JSON and read back.
    Unreadable(serde_json::Error),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlapping(operations) => write!(
                f,
                "both the application and Doorward have {}: leave out that part of the API, \
                 or give it another prefix",
                operations.join(", ")
            ),
            Self::Unreadable(_) => f.write_str("an OpenAPI document is not readable as JSON"),
        }
    }
}

impl error::Error for MergeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Overlapping(_) => None,
            Self::Unreadable(error) => Some(error),
        }
    }
}

impl From<serde_json::Error> for MergeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Returns the name if it is free, or else the first free one that ends in a number from 2 on.
fn find_free(name: &str, separator: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    let mut number = 1_u32;
    while is_taken(&free) {
        number += 1;
        free = format!("{name}{separator}{number}");
    }
    free
}

/// Adds our components. Those that share a name with one of the application's are equal to it.
fn add_components(app: &mut Components, ours: Components) {
    app.schemas.extend(ours.schemas);
    app.responses.extend(ours.responses);
    app.parameters.extend(ours.parameters);
    app.examples.extend(ours.examples);
    app.request_bodies.extend(ours.request_bodies);
    app.headers.extend(ours.headers);
    app.links.extend(ours.links);
    app.callbacks.extend(ours.callbacks);
    app.path_items.extend(ours.path_items);
    app.media_types.extend(ours.media_types);
    app.security_schemes.extend(ours.security_schemes);
}
