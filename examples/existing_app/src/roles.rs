//! The app's own roles, and what they permit.

use doorward::{AppRole, NewRole, Permission, PermissionMarker, RoleName};

/// Who looks after the service; whoever signs up is an ordinary user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Staff {
    Curator,
    Support,
}

impl AppRole for Staff {
    const ALL: &'static [Self] = &[Self::Curator, Self::Support];

    fn name(self) -> RoleName {
        match self {
            Self::Curator => RoleName::new("curator"),
            Self::Support => RoleName::new("support"),
        }
    }

    fn definition(self) -> NewRole {
        let role = NewRole::new(self.name());
        match self {
            Self::Curator => role.rank(260).permits([NotesDelete::PERMISSION]),
            Self::Support => role.rank(250),
        }
    }
}

/// May delete any note.
pub(crate) struct NotesDelete;

impl PermissionMarker for NotesDelete {
    const PERMISSION: Permission = Permission::new("notes:delete");
}
