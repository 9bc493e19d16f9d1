//! Statements about single accounts.

use super::db::{Row, Statement, StoreError, Tx, Value};
use crate::domain::account::{EmailAddress, UserRecord, Username};
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::password::PasswordHash;

/// The columns that [`read_user`] reads, in their order.
pub(super) const COLUMNS: &str = "u.id, u.email, u.username, u.full_name, u.verified_at, \
                                  u.deactivated_at, u.created_at, u.updated_at, u.last_login_at, \
                                  u.session_epoch";

const INSERT: Statement = Statement::new(
    "users.insert",
    "insert into doorward_users (id, email, email_canonical, username, username_canonical, \
     full_name, search_text, verified_at, deactivated_at, created_at, updated_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const UPDATE: Statement = Statement::new(
    "users.update",
    "update doorward_users set email = $2, email_canonical = $3, username = $4, \
     username_canonical = $5, full_name = $6, search_text = $7, verified_at = $8, \
     deactivated_at = $9, updated_at = $10 where id = $1",
);
const LOCK: Statement = Statement::new(
    "users.lock",
    "update doorward_users set updated_at = updated_at where id = $1",
);
const DELETE: Statement =
    Statement::new("users.delete", "delete from doorward_users where id = $1");
const FIND: Statement = Statement::new(
    "users.find",
    "select u.id, u.email, u.username, u.full_name, u.verified_at, u.deactivated_at, \
     u.created_at, u.updated_at, u.last_login_at, u.session_epoch from doorward_users u \
     where u.id = $1",
);
const LIST_ROLES_OF: Statement = Statement::new(
    "users.roles",
    "select role_name from doorward_user_roles where user_id = $1",
);
// If no account has the name, the next account in the index is read instead. So neither the number
// of pages read nor their position reveals whether the account exists.
const FIND_LOGIN_BY_EMAIL: Statement = Statement::new(
    "users.find_login_by_email",
    "select u.id, p.hash, u.email_canonical, \
     coalesce(u.verified_at, u.last_login_at) from doorward_users u \
     left join doorward_passwords p on p.user_id = u.id \
     where u.email_canonical = coalesce(\
     (select email_canonical from doorward_users where email_canonical >= $1 \
      order by email_canonical limit 1), \
     (select min(email_canonical) from doorward_users))",
);
const FIND_LOGIN_BY_USERNAME: Statement = Statement::new(
    "users.find_login_by_username",
    "select u.id, p.hash, u.username_canonical, coalesce(u.verified_at, u.last_login_at, \
     case when u.email is null then u.created_at end) from doorward_users u \
     left join doorward_passwords p on p.user_id = u.id \
     where u.username_canonical = coalesce(\
     (select username_canonical from doorward_users where username_canonical >= $1 \
      order by username_canonical limit 1), \
     (select min(username_canonical) from doorward_users))",
);
const RECORD_LOGIN: Statement = Statement::new(
    "users.record_login",
    "update doorward_users set last_login_at = $2 where id = $1 and deactivated_at is null \
     returning session_epoch",
);
const END_SESSIONS: Statement = Statement::new(
    "users.end_sessions",
    "update doorward_users set session_epoch = session_epoch + 1, sessions_ended_at = $2 \
     where id = $1 returning session_epoch",
);
const PROBE: Statement = Statement::new("users.probe", "select 1 from doorward_users limit 1");

/// What a login needs of an account.
#[derive(Debug)]
pub(crate) struct LoginRecord {
    pub(crate) id: UserId,
    pub(crate) hash: Option<PasswordHash>,
    /// Whether it has an address that was never verified, and was never logged in to. Then the
    /// user who registered it may not own the address.
    pub(crate) is_unclaimed: bool,
}

/// Runs a cheap query, to check that the database answers.
pub(crate) async fn probe(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.fetch_optional(&PROBE, &[]).await.map(drop)
}

/// Inserts the account's own row. Its roles and its password have rows of their own.
pub(crate) async fn insert(tx: &mut Tx<'_>, user: &UserRecord) -> Result<(), StoreError> {
    let mut values = changeable_values(user);
    values.insert(9, user.created_at.into());
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Writes all changeable fields. Returns whether there is such an account.
pub(crate) async fn update(tx: &mut Tx<'_>, user: &UserRecord) -> Result<bool, StoreError> {
    Ok(tx.execute(&UPDATE, &changeable_values(user)).await? > 0)
}

fn changeable_values(user: &UserRecord) -> Vec<Value> {
    let email = user.email.as_ref();
    let username = user.username.as_ref();
    vec![
        user.id.into(),
        email.map(EmailAddress::as_str).into(),
        email.map(EmailAddress::canonical).into(),
        username.map(Username::as_str).into(),
        username.map(Username::canonical).into(),
        user.full_name.as_ref().map(|name| name.as_str()).into(),
        search_text(user).into(),
        user.verified_at.into(),
        user.deactivated_at.into(),
        user.updated_at.into(),
    ]
}

/// The text that the search of [`user_lists`](super::user_lists) compares with.
fn search_text(user: &UserRecord) -> String {
    let full_name = user
        .full_name
        .as_ref()
        .map(|name| name.as_str().to_lowercase());
    let canonical = user.email.as_ref().map(EmailAddress::canonical);
    // Users see an international domain in its Unicode form, and search for that form too.
    let written = user
        .email
        .as_ref()
        .map(|email| email.as_str().to_lowercase())
        .filter(|written| Some(&**written) != canonical);
    [
        canonical,
        written.as_deref(),
        user.username.as_ref().map(Username::canonical),
        full_name.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("\n")
}

/// Locks the account's row until the transaction ends. Returns whether there is such an account.
pub(crate) async fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    Ok(tx.execute(&LOCK, &[id.into()]).await? > 0)
}

/// Deletes the account and all rows that belong to it. Returns whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, &[id.into()]).await? > 0)
}

/// Finds an account, with its roles.
pub(crate) async fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<UserRecord>, StoreError> {
    let Some(row) = tx.fetch_optional(&FIND, &[id.into()]).await? else {
        return Ok(None);
    };
    let mut user = read_user(&row)?;
    for row in tx.fetch_all(&LIST_ROLES_OF, &[id.into()]).await? {
        user.roles.push(row.at(0)?);
    }
    Ok(Some(user))
}

/// Finds what a login by e-mail address needs.
pub(crate) async fn find_login_by_email(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
) -> Result<Option<LoginRecord>, StoreError> {
    find_login(tx, &FIND_LOGIN_BY_EMAIL, email.canonical()).await
}

/// Finds what a login by username needs.
pub(crate) async fn find_login_by_username(
    tx: &mut Tx<'_>,
    username: &Username,
) -> Result<Option<LoginRecord>, StoreError> {
    find_login(tx, &FIND_LOGIN_BY_USERNAME, username.canonical()).await
}

async fn find_login(
    tx: &mut Tx<'_>,
    statement: &Statement,
    canonical: &str,
) -> Result<Option<LoginRecord>, StoreError> {
    let Some(row) = tx.fetch_optional(statement, &[canonical.into()]).await? else {
        return Ok(None);
    };
    let (hash, name): (Option<String>, Option<String>) = (row.at(1)?, row.at(2)?);
    if name.as_deref() != Some(canonical) {
        return Ok(None);
    }
    Ok(Some(LoginRecord {
        id: row.at(0)?,
        hash: hash.map(PasswordHash::new),
        is_unclaimed: row.at::<Option<Timestamp>>(3)?.is_none(),
    }))
}

/// Records a login, and locks the account's row. Returns the epoch of the account's sessions;
/// `None` without such an active account.
pub(crate) async fn record_login(
    tx: &mut Tx<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let values = [id.into(), now.into()];
    let row = tx.fetch_optional(&RECORD_LOGIN, &values).await?;
    row.map(|row| row.at(0)).transpose()
}

/// Ends all sessions of an account, however many there are: their epoch is over. Returns the new
/// epoch; `None` without such an account.
pub(crate) async fn end_sessions(
    tx: &mut Tx<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let values = [id.into(), now.into()];
    let row = tx.fetch_optional(&END_SESSIONS, &values).await?;
    row.map(|row| row.at(0)).transpose()
}

/// Reads an account without its roles.
pub(super) fn read_user(row: &Row) -> Result<UserRecord, StoreError> {
    Ok(UserRecord {
        id: row.at(0)?,
        email: read_parsed(row, 1)?,
        username: read_parsed(row, 2)?,
        full_name: read_parsed(row, 3)?,
        roles: Vec::new(),
        verified_at: row.at(4)?,
        deactivated_at: row.at(5)?,
        created_at: row.at(6)?,
        updated_at: row.at(7)?,
        last_login_at: row.at(8)?,
        session_epoch: row.at(9)?,
    })
}

/// Parses a column that holds the text of a `T`.
fn read_parsed<T>(row: &Row, position: usize) -> Result<Option<T>, StoreError>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.at(position)?;
    text.map(|text| text.parse().map_err(StoreError::internal))
        .transpose()
}
