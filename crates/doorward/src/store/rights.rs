//! What a caller's rights follow from, where it may have changed unseen.

use super::db::{Statement, StoreError, Tx};
use crate::domain::id::{SessionId, UserId};

/// PostgreSQL alone: there rows that have changed since what is seen are refused (`40001`).
const HOLD_ACCOUNT: Statement = Statement::new(
    "rights.hold_account",
    "select 1 from doorward_users join doorward_sessions on user_id = doorward_users.id \
     where doorward_users.id = $1 and doorward_sessions.id = $2 for share",
);
const HOLD_ROLES: Statement = Statement::new(
    "rights.hold_roles",
    "select 1 from doorward_roles for share",
);

/// Makes sure that the caller's account, session and roles are as this transaction sees them,
/// and stay so until its end; does nothing where it sees them as they are anyway.
///
/// Whoever changes the roles of an account, or what a role permits, writes to its row too.
pub(crate) async fn hold(
    tx: &mut Tx<'_>,
    user: UserId,
    session: SessionId,
) -> Result<(), StoreError> {
    if tx.sees_the_past() {
        tx.fetch_all(&HOLD_ACCOUNT, &[user.into(), session.into()])
            .await?;
        tx.fetch_all(&HOLD_ROLES, &[]).await?;
    }
    Ok(())
}
