//! Statements about mails on their way.

use uuid::Uuid;

use super::db::{Change, Row, Statement, StoreError, Tx, Value};
use crate::domain::clock::Timestamp;
use crate::domain::id::{MailId, UserId};
use crate::domain::jobs::Queue;

const INSERT: Statement = Statement::new(
    "outbox.insert",
    "insert into doorward_outbox (id, user_id, kind, sealed, created_at, expires_at, attempts, \
     due_at) values ($1, $2, $3, $4, $5, $6, 0, $5)",
);
const CLAIM: Statement = Statement::new(
    "outbox.claim",
    "update doorward_outbox set claim = $1, attempts = attempts + 1, due_at = $3 where id = \
     (select id from doorward_outbox where due_at <= $2 order by due_at, id limit 1) \
     and due_at <= $2 returning id, kind, sealed, expires_at, attempts",
);
const NEXT_DUE: Statement =
    Statement::new("outbox.next_due", "select min(due_at) from doorward_outbox");
const SENT: Statement = Statement::new(
    "outbox.sent",
    "delete from doorward_outbox where id = $1 and claim = $2",
);
const RETRY_AT: Statement = Statement::new(
    "outbox.retry_at",
    "update doorward_outbox set due_at = $3, claim = null, failure = $4 \
     where id = $1 and claim = $2",
);
const WAIT_UNTIL: Statement = Statement::new(
    "outbox.wait_until",
    "update doorward_outbox set due_at = $3, claim = null, failure = $4, attempts = attempts - 1 \
     where id = $1 and claim = $2",
);
const GIVE_UP: Statement = Statement::new(
    "outbox.give_up",
    "update doorward_outbox set due_at = null, claim = null, dead_at = $3, failure = $4 \
     where id = $1 and claim = $2",
);
const REVIVE: Statement = Statement::new(
    "outbox.revive",
    "update doorward_outbox set due_at = $2, dead_at = null, attempts = 0 \
     where id = $1 and claim is null",
);
const REVIVE_DEAD: Statement = Statement::new(
    "outbox.revive_dead",
    "update doorward_outbox set due_at = $1, dead_at = null, attempts = 0 \
     where dead_at is not null",
);
const LIST: Statement = Statement::new(
    "outbox.list",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_outbox order by id limit $1",
);
const LIST_DEAD: Statement = Statement::new(
    "outbox.list_dead",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_outbox where dead_at is not null order by id limit $1",
);
const COUNT: Statement = Statement::new(
    "outbox.count",
    "select count(*), count(dead_at), min(case when dead_at is null then created_at end) \
     from doorward_outbox",
);
const LIST_OF: Statement = Statement::new(
    "outbox.list_of",
    "select id, user_id, kind, created_at, expires_at, attempts, due_at, dead_at, failure \
     from doorward_outbox where user_id = $1 order by id limit $2",
);
pub(super) const PURGE_DEAD: Statement = Statement::new(
    "outbox.purge_dead",
    "delete from doorward_outbox where id in \
     (select id from doorward_outbox where dead_at < $1 order by dead_at limit $2)",
);

/// A mail to keep until it is sent.
#[derive(Clone, Debug)]
pub(crate) struct NewMail {
    pub(crate) id: MailId,
    pub(crate) user: Option<UserId>,
    pub(crate) kind: &'static str,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A mail that the holder of the claim is to send, and nobody else.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedMail {
    pub(crate) id: MailId,
    pub(crate) kind: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) expires_at: Timestamp,
    pub(crate) attempts: i64,
    pub(crate) claim: Uuid,
}

/// What an operator may see of a mail: not to whom, and not what.
#[derive(Clone, Debug)]
pub(crate) struct MailRecord {
    pub(crate) id: MailId,
    pub(crate) user: Option<UserId>,
    pub(crate) kind: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) attempts: i64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) dead_at: Option<Timestamp>,
    pub(crate) failure: Option<String>,
}

/// Keeps a mail, in the transaction of the act that it tells of.
pub(crate) async fn insert(tx: &mut Tx<'_>, mail: &NewMail) -> Result<(), StoreError> {
    let values: [Value; 6] = [
        mail.id.into(),
        mail.user.into(),
        mail.kind.into(),
        mail.sealed[..].into(),
        mail.created_at.into(),
        mail.expires_at.into(),
    ];
    tx.execute(&INSERT, &values).await?;
    tx.changed(Change::Jobs(Queue::Mail));
    Ok(())
}

/// Takes the mail that has been due for longest, for as long as until `lease_ends`.
pub(crate) async fn claim(
    tx: &mut Tx<'_>,
    claim: Uuid,
    now: Timestamp,
    lease_ends: Timestamp,
) -> Result<Option<ClaimedMail>, StoreError> {
    let values = [claim.into(), now.into(), lease_ends.into()];
    let Some(row) = tx.fetch_optional(&CLAIM, &values).await? else {
        return Ok(None);
    };
    Ok(Some(ClaimedMail {
        id: row.at(0)?,
        kind: row.at(1)?,
        sealed: row.at(2)?,
        expires_at: row.at(3)?,
        attempts: row.at(4)?,
        claim,
    }))
}

/// When the next mail is due, if any waits.
pub(crate) async fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.fetch_one(&NEXT_DUE, &[]).await?.at(0)
}

/// Forgets a mail that was sent.
pub(crate) async fn sent(tx: &mut Tx<'_>, mail: &ClaimedMail) -> Result<(), StoreError> {
    let values = [mail.id.into(), mail.claim.into()];
    tx.execute(&SENT, &values).await.map(drop)
}

/// Puts a mail back that could not be sent, to be tried again later.
pub(crate) async fn retry_at(
    tx: &mut Tx<'_>,
    mail: &ClaimedMail,
    due_at: Timestamp,
    failure: &str,
) -> Result<(), StoreError> {
    let values = [
        mail.id.into(),
        mail.claim.into(),
        due_at.into(),
        failure.into(),
    ];
    tx.execute(&RETRY_AT, &values).await.map(drop)
}

/// Puts a mail back that could not be tried. The attempt does not count.
pub(crate) async fn wait_until(
    tx: &mut Tx<'_>,
    mail: &ClaimedMail,
    due_at: Timestamp,
    reason: &str,
) -> Result<(), StoreError> {
    let values = [
        mail.id.into(),
        mail.claim.into(),
        due_at.into(),
        reason.into(),
    ];
    tx.execute(&WAIT_UNTIL, &values).await.map(drop)
}

/// Gives a mail up: nobody tries it again unless told to.
pub(crate) async fn give_up(
    tx: &mut Tx<'_>,
    mail: &ClaimedMail,
    now: Timestamp,
    failure: &str,
) -> Result<(), StoreError> {
    let values = [
        mail.id.into(),
        mail.claim.into(),
        now.into(),
        failure.into(),
    ];
    tx.execute(&GIVE_UP, &values).await.map(drop)
}

/// Makes a mail due at once that nobody is sending; tells whether there is one.
pub(crate) async fn revive(
    tx: &mut Tx<'_>,
    id: MailId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(Change::Jobs(Queue::Mail));
    Ok(tx.execute(&REVIVE, &[id.into(), now.into()]).await? > 0)
}

/// Makes all mails due that were given up; tells how many.
pub(crate) async fn revive_dead(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.changed(Change::Jobs(Queue::Mail));
    tx.execute(&REVIVE_DEAD, &[now.into()]).await
}

/// Lists mails on their way, the oldest first; all, or those that were given up.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    only_dead: bool,
    limit: i64,
) -> Result<Vec<MailRecord>, StoreError> {
    let statement = if only_dead { &LIST_DEAD } else { &LIST };
    let rows = tx.fetch_all(statement, &[limit.into()]).await?;
    rows.iter().map(read_record).collect()
}

fn read_record(row: &Row) -> Result<MailRecord, StoreError> {
    Ok(MailRecord {
        id: row.at(0)?,
        user: row.at(1)?,
        kind: row.at(2)?,
        created_at: row.at(3)?,
        expires_at: row.at(4)?,
        attempts: row.at(5)?,
        due_at: row.at(6)?,
        dead_at: row.at(7)?,
        failure: row.at(8)?,
    })
}

/// How many mails there are, how many of them were given up, and since when the oldest of the others waits.
pub(crate) async fn count(tx: &mut Tx<'_>) -> Result<(i64, i64, Option<Timestamp>), StoreError> {
    let row = tx.fetch_one(&COUNT, &[]).await?;
    Ok((row.at(0)?, row.at(1)?, row.at(2)?))
}

/// Lists mails to an account, the oldest first.
pub(crate) async fn list_of(
    tx: &mut Tx<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<MailRecord>, StoreError> {
    let rows = tx.fetch_all(&LIST_OF, &[user.into(), limit.into()]).await?;
    rows.iter().map(read_record).collect()
}

/// Deletes some of the mails that were given up before `before`; tells how many.
pub(crate) async fn purge_dead(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE_DEAD, &[before.into(), limit.into()])
        .await
}
