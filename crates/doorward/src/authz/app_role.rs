//! Roles as an enum of the app that embeds the engine.

use super::{NewRole, RoleName};

/// An app's own roles: an enum, so that one that there is not does not compile.
///
/// [`Builder::roles`](crate::Builder::roles) brings them into the database. A variant may
/// also stand for a built-in role, which stays as it is whatever its definition says.
///
/// ```
/// use doorward::{AppRole, NewRole, Permission, RoleName};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// enum Staff {
///     Editor,
///     Author,
/// }
///
/// impl AppRole for Staff {
///     const ALL: &'static [Self] = &[Self::Editor, Self::Author];
///
///     fn name(self) -> RoleName {
///         match self {
///             Self::Editor => RoleName::new("editor"),
///             Self::Author => RoleName::new("author"),
///         }
///     }
///
///     fn definition(self) -> NewRole {
///         let role = NewRole::new(self.name());
///         match self {
///             Self::Editor => role.rank(250).permits([Permission::new("articles:publish")]),
///             Self::Author => role.rank(240),
///         }
///     }
/// }
///
/// assert_eq!(Staff::Editor.definition().rank, Some(250));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of the app's roles",
    label = "is no `AppRole`",
    note = "one role alone, such as the built-in `Admin`, belongs into `RequireRole`"
)]
pub trait AppRole: Copy + Send + Sync + 'static {
    /// Every one of them.
    const ALL: &'static [Self];

    /// The role's name, of which there is one for each variant.
    fn name(self) -> RoleName;

    /// What the role is. Default: its name at rank 150, permitting nothing.
    ///
    /// It is called what [`name`](Self::name) says, whatever name stands in it.
    fn definition(self) -> NewRole {
        NewRole::new(self.name())
    }
}
