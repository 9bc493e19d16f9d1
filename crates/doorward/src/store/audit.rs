//! Statements about the audit trail.

use super::db::{Change, Row, Statement, StoreError, Tx, Value};
use crate::domain::audit::{Action, AuditEvent, AuditFilter, Outcome, Record};
use crate::domain::clock::Timestamp;
use crate::domain::id::{EventId, UserId};
use crate::domain::page::{Page, PageRequest};

const INSERT: Statement = Statement::new(
    "audit.insert",
    "insert into doorward_audit_events (id, occurred_at, action, outcome, reason, actor, actor_id, \
     target_id, role_name, session_id, request_id, ip, user_agent) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
);

const LIST_ABOUT: Statement = Statement::new(
    "audit.list_about",
    "select id, occurred_at, action, outcome, reason, actor, actor_id, target_id, role_name, \
     session_id, request_id, ip, user_agent from doorward_audit_events \
     where actor_id = $1 or target_id = $1 order by id desc limit $2",
);

// The network and the device of an event are its actor's, and of an anonymous one as likely the
// owner's as not.
pub(super) const WIPE_ACTOR: Statement = Statement::new(
    "audit.wipe_actor",
    "update doorward_audit_events set ip = null, user_agent = null, request_id = null where id in \
     (select id from doorward_audit_events where actor_id = $1 and id > $2 \
      and (ip is not null or user_agent is not null or request_id is not null) \
      order by id limit $3) returning id",
);
pub(super) const WIPE_TARGET: Statement = Statement::new(
    "audit.wipe_target",
    "update doorward_audit_events set ip = null, user_agent = null, request_id = null where id in \
     (select id from doorward_audit_events where target_id = $1 and id > $2 \
      and actor = 'anonymous' \
      and (ip is not null or user_agent is not null or request_id is not null) \
      order by id limit $3) returning id",
);
pub(super) const PURGE: Statement = Statement::new(
    "audit.purge",
    "delete from doorward_audit_events where id in \
     (select id from doorward_audit_events where id < $1 order by id limit $2)",
);

/// What an account has to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// It did it.
    Actor,
    /// It was done to it, by nobody in particular.
    Target,
}

/// Wipes where it was done from out of some of an account's events after `after`; tells which.
pub(crate) async fn wipe(
    tx: &mut Tx<'_>,
    (user, trace): (UserId, Trace),
    after: EventId,
    limit: i64,
) -> Result<Vec<EventId>, StoreError> {
    let statement = match trace {
        Trace::Actor => &WIPE_ACTOR,
        Trace::Target => &WIPE_TARGET,
    };
    let rows = tx
        .fetch_all(statement, &[user.into(), after.into(), limit.into()])
        .await?;
    if !rows.is_empty() {
        tx.changed(Change::Erasure);
    }
    rows.iter().map(|row| row.at(0)).collect()
}

/// Deletes some of the events from before `before`; tells how many.
pub(crate) async fn purge(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    // Ids grow with time: they need no second index to be found by it.
    let first_kept = EventId::first_of(before);
    tx.execute(&PURGE, &[first_kept.into(), limit.into()]).await
}

/// Lists what an account did and what was done to it, the newest first.
pub(crate) async fn list_about(
    tx: &mut Tx<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    tx.fetch_all(&LIST_ABOUT, &[user.into(), limit.into()])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Writes one event, in the transaction of the act that it tells of.
pub(crate) async fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    let event = &record.event;
    let values = [
        event.id.into(),
        event.occurred_at.into(),
        event.action.clone().into(),
        event.outcome.clone().into(),
        event.reason.clone().into(),
        event.actor.clone().into(),
        event.actor_id.into(),
        event.target_id.into(),
        event.role.clone().into(),
        event.session_id.into(),
        event.request_id.clone().into(),
        event.ip.clone().into(),
        event.user_agent.clone().into(),
    ];
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Lists events, the newest first.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEvent>, StoreError> {
    let total = if page.count {
        Some(count(tx, filter).await?)
    } else {
        None
    };
    let (mut conditions, mut values) = conditions(filter);
    if let Some(cursor) = page.cursor {
        values.push(cursor.as_uuid().into());
        conditions.push(format!("id < ${}", values.len()));
    }
    values.push((i64::from(page.limit) + 1).into());
    values.push(i64::from(page.skip).into());
    let sql = format!(
        "select id, occurred_at, action, outcome, reason, actor, actor_id, target_id, role_name, \
         session_id, request_id, ip, user_agent from doorward_audit_events {} \
         order by id desc limit ${} offset ${}",
        where_clause(&conditions),
        values.len() - 1,
        values.len(),
    );
    let rows = tx
        .fetch_all(&Statement::composed("audit.list", sql), &values)
        .await?;
    let events = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(events, page, total, |event| event.id.as_uuid()))
}

async fn count(tx: &mut Tx<'_>, filter: &AuditFilter) -> Result<u64, StoreError> {
    let (conditions, values) = conditions(filter);
    let sql = format!(
        "select count(*) from doorward_audit_events {}",
        where_clause(&conditions)
    );
    let row = tx
        .fetch_one(&Statement::composed("audit.count", sql), &values)
        .await?;
    Ok(u64::try_from(row.at::<i64>(0)?).unwrap_or(0))
}

fn conditions(filter: &AuditFilter) -> (Vec<String>, Vec<Value>) {
    let wanted: [(&str, Option<Value>); 6] = [
        (
            "action =",
            filter.action.map(Action::as_str).map(Value::from),
        ),
        (
            "outcome =",
            filter.outcome.map(Outcome::as_str).map(Value::from),
        ),
        ("actor_id =", filter.actor_id.map(Value::from)),
        ("target_id =", filter.target_id.map(Value::from)),
        ("occurred_at >=", filter.since.map(Value::from)),
        ("occurred_at <", filter.until.map(Value::from)),
    ];
    wanted
        .into_iter()
        .filter_map(|(comparison, value)| Some((comparison, value?)))
        .enumerate()
        .map(|(position, (comparison, value))| (format!("{comparison} ${}", position + 1), value))
        .unzip()
}

fn where_clause(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!("where {}", conditions.join(" and "))
    }
}

fn read(row: &Row) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        id: row.at(0)?,
        occurred_at: row.at(1)?,
        action: row.at(2)?,
        outcome: row.at(3)?,
        reason: row.at(4)?,
        actor: row.at(5)?,
        actor_id: row.at(6)?,
        target_id: row.at(7)?,
        role: row.at(8)?,
        session_id: row.at(9)?,
        request_id: row.at(10)?,
        ip: row.at(11)?,
        user_agent: row.at(12)?,
    })
}
