//! Statements about sessions.

use super::db::{Row, Statement, StoreError, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::id::{SessionId, UserId};
use crate::domain::proofs::Proofs;

const INSERT: Statement = Statement::new(
    "sessions.insert",
    "insert into doorward_sessions (id, user_id, epoch, created_at, authenticated_at, proofs, \
     ends_at, ip, user_agent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const FIND: Statement = Statement::new(
    "sessions.find",
    "select id, user_id, epoch, created_at, authenticated_at, proofs, ends_at, revoked_at, ip, \
     user_agent from doorward_sessions where id = $1",
);
const LIST_LIVE: Statement = Statement::new(
    "sessions.list_live",
    "select s.id, s.user_id, s.epoch, s.created_at, s.authenticated_at, s.proofs, s.ends_at, \
     s.revoked_at, s.ip, s.user_agent, f.rotated_at, f.expires_at \
     from doorward_users u join doorward_sessions s on s.user_id = u.id and s.epoch = u.session_epoch \
     join doorward_token_families f on f.id = s.id \
     where u.id = $1 and s.revoked_at is null and s.ends_at > $2 and f.expires_at > $2 \
     order by s.id desc limit 1000",
);
const LIST: Statement = Statement::new(
    "sessions.list",
    "select s.id, s.user_id, s.epoch, s.created_at, s.authenticated_at, s.proofs, s.ends_at, \
     case when s.revoked_at is null and s.epoch < u.session_epoch then u.sessions_ended_at \
     else s.revoked_at end, s.ip, s.user_agent, f.rotated_at, f.expires_at \
     from doorward_users u join doorward_sessions s on s.user_id = u.id \
     join doorward_token_families f on f.id = s.id \
     where u.id = $1 order by s.id desc limit $2",
);
/// `>=`: a transaction that ends all other sessions may move this one to the next epoch while the
/// statement waits for the row. PostgreSQL then reads the row again, but not the account.
const REVOKE: Statement = Statement::new(
    "sessions.revoke",
    "update doorward_sessions set revoked_at = $3 \
     where id = $1 and user_id = $2 and revoked_at is null \
     and epoch >= (select session_epoch from doorward_users where id = $2)",
);
const END_SURPLUS: Statement = Statement::new(
    "sessions.end_surplus",
    "update doorward_sessions set revoked_at = $3 where id in \
     (select s.id from doorward_sessions s join doorward_token_families f on f.id = s.id \
      where s.user_id = $1 and s.epoch = $2 and s.revoked_at is null and s.ends_at > $3 \
      and f.expires_at > $3 and s.id <> $4 order by s.id desc limit 1000 offset $5) returning id",
);
const MOVE_TO_EPOCH: Statement = Statement::new(
    "sessions.move_to_epoch",
    "update doorward_sessions set epoch = $3 \
     where id = $1 and user_id = $2 and epoch = $3 - 1 and revoked_at is null",
);
pub(super) const PURGE_REVOKED: Statement = Statement::new(
    "sessions.purge_revoked",
    "delete from doorward_sessions where id in \
     (select id from doorward_sessions where revoked_at < $1 order by revoked_at limit $2)",
);
pub(super) const PURGE_EXPIRED: Statement = Statement::new(
    "sessions.purge_expired",
    "delete from doorward_sessions where id in \
     (select session_id from doorward_token_families where expires_day < $1 and client_id is null \
      order by expires_day limit $2)",
);
pub(super) const FIND_ENDED_EPOCHS: Statement = Statement::new(
    "sessions.find_ended_epochs",
    "select id, session_epoch, sessions_ended_at from doorward_users where sessions_ended_at < $1 \
     order by sessions_ended_at limit 1",
);
/// Locks the account too, as its deletion does before it deletes the sessions.
const MARK_EPOCHS_PURGED: Statement = Statement::new(
    "sessions.mark_epochs_purged",
    "update doorward_users set sessions_ended_at = null where id = $1 and session_epoch = $2",
);
const UNMARK_EPOCHS_PURGED: Statement = Statement::new(
    "sessions.unmark_epochs_purged",
    "update doorward_users set sessions_ended_at = $2 where id = $1",
);
pub(super) const PURGE_EPOCHS: Statement = Statement::new(
    "sessions.purge_epochs",
    "delete from doorward_sessions where id in \
     (select id from doorward_sessions where user_id = $1 and epoch < $2 and revoked_at is null \
      limit $3)",
);

/// A session as it is stored: one login on one device.
#[derive(Clone, Debug)]
pub(crate) struct SessionRecord {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    /// The account's epoch at login. The session is live only while the two are equal.
    pub(crate) epoch: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) proofs: Proofs,
    pub(crate) ends_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// A session with the use of its first party's token family.
#[derive(Clone, Debug)]
pub(crate) struct UsedSession {
    pub(crate) session: SessionRecord,
    pub(crate) last_used_at: Timestamp,
    /// The end of the session unless it is refreshed.
    pub(crate) expires_at: Timestamp,
}

/// Inserts a session.
pub(crate) async fn insert(tx: &mut Tx<'_>, session: &SessionRecord) -> Result<(), StoreError> {
    let values = [
        session.id.into(),
        session.user_id.into(),
        session.epoch.into(),
        session.created_at.into(),
        session.authenticated_at.into(),
        session.proofs.to_string().into(),
        session.ends_at.into(),
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

/// Lists an account's live sessions, the newest first, at most a thousand.
pub(crate) async fn list_live(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<UsedSession>, StoreError> {
    let rows = tx.fetch_all(&LIST_LIVE, &[user.into(), now.into()]).await?;
    rows.iter().map(read_used).collect()
}

/// Lists an account's sessions, ended or not, the newest first.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<UsedSession>, StoreError> {
    let rows = tx.fetch_all(&LIST, &[user.into(), limit.into()]).await?;
    rows.iter().map(read_used).collect()
}

/// Ends one session of an account. Returns whether it was live.
pub(crate) async fn revoke(
    tx: &mut Tx<'_>,
    id: SessionId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = [id.into(), user.into(), now.into()];
    Ok(tx.execute(&REVOKE, &values).await? > 0)
}

/// Ends the oldest live sessions of an account beside `newest`, so that at most `kept` are left
/// with it. Returns the ended ones.
pub(crate) async fn end_surplus(
    tx: &mut Tx<'_>,
    newest: &SessionRecord,
    kept: u32,
) -> Result<Vec<SessionId>, StoreError> {
    let values = [
        newest.user_id.into(),
        newest.epoch.into(),
        newest.created_at.into(),
        newest.id.into(),
        i64::from(kept.saturating_sub(1)).into(),
    ];
    let rows = tx.fetch_all(&END_SURPLUS, &values).await?;
    rows.iter().map(|row| row.at(0)).collect()
}

/// Moves a session from the previous epoch of its account to the current one, so that it stays
/// live. Returns whether it was live in the previous epoch.
pub(crate) async fn move_to_epoch(
    tx: &mut Tx<'_>,
    id: SessionId,
    user: UserId,
    epoch: i64,
) -> Result<bool, StoreError> {
    let values = [id.into(), user.into(), epoch.into()];
    Ok(tx.execute(&MOVE_TO_EPOCH, &values).await? > 0)
}

/// Deletes some of the sessions whose refresh tokens expired on a day before that of `before`.
/// Returns their number.
pub(crate) async fn purge_expired(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let values = [before.as_days().into(), limit.into()];
    tx.execute(&PURGE_EXPIRED, &values).await
}

/// Deletes some of the sessions that were ended before `before`. Returns their number.
pub(crate) async fn purge_revoked(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE_REVOKED, &[before.into(), limit.into()])
        .await
}

/// Deletes at most `limit` of the sessions that ended with all others of their account, of one
/// account where that was before `before`. Returns how many, or `None` where no account has any.
pub(crate) async fn purge_ended_epochs(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Option<u64>, StoreError> {
    let found = tx
        .fetch_optional(&FIND_ENDED_EPOCHS, &[before.into()])
        .await?;
    let Some(account) = found else {
        return Ok(None);
    };
    let (user, epoch): (UserId, i64) = (account.at(0)?, account.at(1)?);
    let ended_at: Timestamp = account.at(2)?;
    let marked = tx
        .execute(&MARK_EPOCHS_PURGED, &[user.into(), epoch.into()])
        .await?;
    if marked == 0 {
        // Meanwhile the account was deleted, or ended all sessions again.
        return Ok(Some(0));
    }
    let values = [user.into(), epoch.into(), limit.into()];
    let deleted = tx.execute(&PURGE_EPOCHS, &values).await?;
    if deleted >= limit.unsigned_abs() {
        tx.execute(&UNMARK_EPOCHS_PURGED, &[user.into(), ended_at.into()])
            .await?;
    }
    Ok(Some(deleted))
}

fn read(row: &Row) -> Result<SessionRecord, StoreError> {
    let proofs: String = row.at(5)?;
    Ok(SessionRecord {
        id: row.at(0)?,
        user_id: row.at(1)?,
        epoch: row.at(2)?,
        created_at: row.at(3)?,
        authenticated_at: row.at(4)?,
        proofs: proofs.parse().map_err(StoreError::internal)?,
        ends_at: row.at(6)?,
        revoked_at: row.at(7)?,
        ip: row.at(8)?,
        user_agent: row.at(9)?,
    })
}

fn read_used(row: &Row) -> Result<UsedSession, StoreError> {
    let session = read(row)?;
    let expires_at: Timestamp = row.at(11)?;
    Ok(UsedSession {
        last_used_at: row.at(10)?,
        expires_at: expires_at.min(session.ends_at),
        session,
    })
}
