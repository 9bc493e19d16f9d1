//! Statements about token families: chains of refresh tokens.

use super::db::{Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::{SessionId, TokenId, UserId};

const INSERT: Statement = Statement::new(
    "token_families.insert",
    "insert into doorward_token_families \
     (id, session_id, current_jti, rotated_at, expires_at, expires_day) \
     values ($1, $1, $2, $3, $4, $5)",
);
/// Scalar subqueries, so that PostgreSQL finds the session by its id. With a join, it may read all
/// sessions of the account, and a join takes longer to begin.
const ROTATE: Statement = Statement::new(
    "token_families.rotate",
    "update doorward_token_families set previous_jti = current_jti, current_jti = $3, \
     rotated_at = $4, expires_at = $5, expires_day = $6 \
     where id = $1 and current_jti = $2 and expires_at > $4 and revoked_at is null and $7 = \
     (select s.user_id from doorward_sessions s \
      where s.id = doorward_token_families.session_id and s.revoked_at is null \
      and s.ends_at > $4 and s.epoch = (select u.session_epoch from doorward_users u \
      where u.id = s.user_id and u.deactivated_at is null))",
);
const FIND_LIVE: Statement = Statement::new(
    "token_families.find_live",
    "select f.current_jti, f.previous_jti, f.rotated_at, f.expires_at \
     from doorward_token_families f \
     where f.id = $1 and f.expires_at > $3 and f.revoked_at is null and $2 = \
     (select s.user_id from doorward_sessions s join doorward_users u on u.id = s.user_id \
      where s.id = f.session_id and s.revoked_at is null and s.ends_at > $3 \
      and s.epoch = u.session_epoch and u.deactivated_at is null)",
);

/// The first party's token family of a session. It has the session's id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyRecord {
    pub(crate) session: SessionId,
    pub(crate) current_jti: TokenId,
    pub(crate) previous_jti: Option<TokenId>,
    pub(crate) rotated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A step of a token family: the token that is presented, and its successor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    pub(crate) presented: TokenId,
    pub(crate) successor: TokenId,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Inserts a family that begins now.
pub(crate) async fn insert(tx: &mut Tx<'_>, family: &FamilyRecord) -> Result<(), StoreError> {
    let values = [
        family.session.into(),
        family.current_jti.into(),
        family.rotated_at.into(),
        family.expires_at.into(),
        family.expires_at.as_days().into(),
    ];
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Replaces the presented token by its successor, if it is the current one of a family whose
/// session is live. Returns whether it was.
pub(crate) async fn rotate(tx: &mut Tx<'_>, step: &Rotation) -> Result<bool, StoreError> {
    let values = [
        step.session.into(),
        step.presented.into(),
        step.successor.into(),
        step.now.into(),
        step.expires_at.into(),
        step.expires_at.as_days().into(),
        step.user.into(),
    ];
    Ok(tx.execute(&ROTATE, &values).await? > 0)
}

/// Finds a family of the user's, if it and its session are live.
pub(crate) async fn find_live(
    tx: &mut Tx<'_>,
    session: SessionId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<FamilyRecord>, StoreError> {
    let values = [session.into(), user.into(), now.into()];
    let Some(row) = tx.fetch_optional(&FIND_LIVE, &values).await? else {
        return Ok(None);
    };
    Ok(Some(FamilyRecord {
        session,
        current_jti: row.at(0)?,
        previous_jti: row.at(1)?,
        rotated_at: row.at(2)?,
        expires_at: row.at(3)?,
    }))
}
