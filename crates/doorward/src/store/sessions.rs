//! Statements about sessions.

use super::db::{Row, Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::{SessionId, TokenId, UserId};

const INSERT: Statement = Statement::new(
    "sessions.insert",
    "insert into doorward_sessions (id, user_id, created_at, authenticated_at, last_used_at, \
     expires_at, refresh_jti, rotated_at, ip, user_agent) \
     values ($1, $2, $3, $3, $3, $4, $5, $3, $6, $7)",
);
const FIND: Statement = Statement::new(
    "sessions.find",
    "select id, user_id, created_at, authenticated_at, last_used_at, expires_at, revoked_at, \
     refresh_jti, previous_jti, rotated_at, ip, user_agent from doorward_sessions where id = $1",
);
const LIST_LIVE: Statement = Statement::new(
    "sessions.list_live",
    "select id, user_id, created_at, authenticated_at, last_used_at, expires_at, revoked_at, \
     refresh_jti, previous_jti, rotated_at, ip, user_agent from doorward_sessions \
     where user_id = $1 and revoked_at is null and expires_at > $2 order by id desc limit 1000",
);
const ROTATE: Statement = Statement::new(
    "sessions.rotate",
    "update doorward_sessions set previous_jti = refresh_jti, refresh_jti = $4, rotated_at = $5, \
     last_used_at = $5, expires_at = $6 \
     where id = $1 and user_id = $2 and refresh_jti = $3 and revoked_at is null and expires_at > $5",
);
const REVOKE: Statement = Statement::new(
    "sessions.revoke",
    "update doorward_sessions set revoked_at = $3 \
     where id = $1 and user_id = $2 and revoked_at is null",
);
const REVOKE_ALL_BUT: Statement = Statement::new(
    "sessions.revoke_all_but",
    "update doorward_sessions set revoked_at = $2 \
     where user_id = $1 and revoked_at is null and ($3 is null or id <> $3) returning id",
);
const LIST: Statement = Statement::new(
    "sessions.list",
    "select id, user_id, created_at, authenticated_at, last_used_at, expires_at, revoked_at, \
     refresh_jti, previous_jti, rotated_at, ip, user_agent from doorward_sessions \
     where user_id = $1 order by id desc limit $2",
);
pub(super) const PURGE_REVOKED: Statement = Statement::new(
    "sessions.purge_revoked",
    "delete from doorward_sessions where id in \
     (select id from doorward_sessions where revoked_at < $1 order by revoked_at limit $2)",
);
pub(super) const PURGE_EXPIRED: Statement = Statement::new(
    "sessions.purge_expired",
    "delete from doorward_sessions where id in \
     (select id from doorward_sessions where expires_at < $1 order by expires_at limit $2)",
);

/// A session as its row tells.
#[derive(Clone, Debug)]
pub(crate) struct SessionRecord {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) created_at: Timestamp,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) last_used_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) refresh_jti: TokenId,
    pub(crate) previous_jti: Option<TokenId>,
    pub(crate) rotated_at: Timestamp,
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// A step of a session's refresh family: the token that is presented, and its successor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    pub(crate) presented: TokenId,
    pub(crate) successor: TokenId,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Inserts a session that begins now.
pub(crate) async fn insert(tx: &mut Tx<'_>, session: &SessionRecord) -> Result<(), StoreError> {
    let values = [
        session.id.into(),
        session.user_id.into(),
        session.created_at.into(),
        session.expires_at.into(),
        session.refresh_jti.into(),
        session.ip.clone().into(),
        session.user_agent.clone().into(),
    ];
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Finds a session, ended or not.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    id: SessionId,
) -> Result<Option<SessionRecord>, StoreError> {
    tx.fetch_optional(&FIND, &[id.into()])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Lists an account's sessions that have not ended, the newest first, a thousand at the most.
pub(crate) async fn list_live(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<SessionRecord>, StoreError> {
    let rows = tx.fetch_all(&LIST_LIVE, &[user.into(), now.into()]).await?;
    rows.iter().map(read).collect()
}

/// Lists an account's sessions, ended or not, the newest first.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<SessionRecord>, StoreError> {
    let rows = tx.fetch_all(&LIST, &[user.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// Puts the successor in the place of the presented token, if that is the live one; tells
/// whether it was.
pub(crate) async fn rotate(tx: &mut Tx<'_>, step: &Rotation) -> Result<bool, StoreError> {
    let values = [
        step.session.into(),
        step.user.into(),
        step.presented.into(),
        step.successor.into(),
        step.now.into(),
        step.expires_at.into(),
    ];
    Ok(tx.execute(&ROTATE, &values).await? > 0)
}

/// Ends one session of an account; tells whether it was live.
pub(crate) async fn revoke(
    tx: &mut Tx<'_>,
    id: SessionId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx
        .execute(&REVOKE, &[id.into(), user.into(), now.into()])
        .await?
        > 0)
}

/// Ends an account's sessions, all but one if one is to stay; tells which ended.
pub(crate) async fn revoke_all_but(
    tx: &mut Tx<'_>,
    user: UserId,
    kept: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    let rows = tx
        .fetch_all(&REVOKE_ALL_BUT, &[user.into(), now.into(), kept.into()])
        .await?;
    rows.iter().map(|row| row.at(0)).collect()
}

/// Deletes some of the sessions that expired before `before`; tells how many.
pub(crate) async fn purge_expired(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE_EXPIRED, &[before.into(), limit.into()])
        .await
}

/// Deletes some of the sessions that were ended before `before`; tells how many.
pub(crate) async fn purge_revoked(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE_REVOKED, &[before.into(), limit.into()])
        .await
}

fn read(row: &Row) -> Result<SessionRecord, StoreError> {
    Ok(SessionRecord {
        id: row.at(0)?,
        user_id: row.at(1)?,
        created_at: row.at(2)?,
        authenticated_at: row.at(3)?,
        last_used_at: row.at(4)?,
        expires_at: row.at(5)?,
        revoked_at: row.at(6)?,
        refresh_jti: row.at(7)?,
        previous_jti: row.at(8)?,
        rotated_at: row.at(9)?,
        ip: row.at(10)?,
        user_agent: row.at(11)?,
    })
}
