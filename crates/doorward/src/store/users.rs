//! Statements about accounts.

use super::db::{FromColumn, Row, Statement, StoreError, Tx, Value};
use crate::domain::account::{EmailAddress, UserFilter, UserRecord, Username};
use crate::domain::authz::RoleName;
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::page::PageRequest;
use crate::domain::password::PasswordHash;

const COLUMNS: &str = "u.id, u.email, u.username, u.full_name, u.verified_at, u.deactivated_at, \
                       u.created_at, u.updated_at, u.last_login_at";

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
     u.created_at, u.updated_at, u.last_login_at from doorward_users u where u.id = $1",
);
const LIST_ROLES_OF: Statement = Statement::new(
    "users.roles",
    "select role_name from doorward_user_roles where user_id = $1",
);
// Where nobody has the name, whoever comes next in the alphabet is read in place of the account:
// neither how many pages are read nor which must tell whether there is one.
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
    "update doorward_users set last_login_at = $2 where id = $1 and deactivated_at is null",
);
const COUNT_ALL: Statement = Statement::new(
    "users.count_all",
    "select count(*), count(*) - count(deactivated_at), count(verified_at) from doorward_users",
);
const COUNT_BY_ROLE: Statement = Statement::new(
    "users.count_by_role",
    "select role_name, count(*) from doorward_user_roles group by role_name",
);
const COUNT_OTHER_ACTIVE_ADMINS: Statement = Statement::new(
    "users.count_other_active_admins",
    "select count(*) from doorward_user_roles r join doorward_users u on u.id = r.user_id \
     where r.role_name = 'admin' and u.deactivated_at is null and u.id <> $1",
);
const COUNT_ADMINS: Statement = Statement::new(
    "users.count_admins",
    "select count(*) from doorward_user_roles where role_name = 'admin'",
);

const PROBE: Statement = Statement::new("users.probe", "select 1 from doorward_users limit 1");

/// An account as login needs it: who it is, and what its password is compared with.
#[derive(Debug)]
pub(crate) struct LoginRecord {
    pub(crate) id: UserId,
    pub(crate) hash: Option<PasswordHash>,
    /// Whether it has an address that was never verified, and was never logged in to:
    /// whoever registered it need not be the owner of the address.
    pub(crate) is_unclaimed: bool,
}

/// Asks for an answer, whatever it is.
pub(crate) async fn probe(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.fetch_optional(&PROBE, &[]).await.map(drop)
}

/// Inserts the account's own row; its roles and its password have theirs.
pub(crate) async fn insert(tx: &mut Tx<'_>, user: &UserRecord) -> Result<(), StoreError> {
    let mut values = changeable_values(user);
    values.insert(9, user.created_at.into());
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Writes all changeable fields; tells whether there is such an account.
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

fn search_text(user: &UserRecord) -> String {
    let full_name = user
        .full_name
        .as_ref()
        .map(|name| name.as_str().to_lowercase());
    let canonical = user.email.as_ref().map(EmailAddress::canonical);
    // An international domain is read, and so searched for, as it is written.
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

/// Holds the account's row until the transaction ends, so that what others do with the
/// account waits its turn; tells whether there is such an account.
pub(crate) async fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    Ok(tx.execute(&LOCK, &[id.into()]).await? > 0)
}

/// Deletes the account and all that belongs to it; tells whether there was one.
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

/// Notes a login, and holds the account's row; tells whether there is such an active account.
pub(crate) async fn record_login(
    tx: &mut Tx<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&RECORD_LOGIN, &[id.into(), now.into()]).await? > 0)
}

/// How many accounts there are: all, active, verified.
pub(crate) async fn count_all(tx: &mut Tx<'_>) -> Result<(i64, i64, i64), StoreError> {
    let row = tx.fetch_one(&COUNT_ALL, &[]).await?;
    Ok((row.at(0)?, row.at(1)?, row.at(2)?))
}

/// How many accounts have each role that anybody has.
pub(crate) async fn count_by_role(tx: &mut Tx<'_>) -> Result<Vec<(RoleName, i64)>, StoreError> {
    let rows = tx.fetch_all(&COUNT_BY_ROLE, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.at(0)?, row.at(1)?)))
        .collect()
}

/// How many active admins there are beside this account.
pub(crate) async fn count_other_active_admins(
    tx: &mut Tx<'_>,
    id: UserId,
) -> Result<i64, StoreError> {
    tx.fetch_one(&COUNT_OTHER_ACTIVE_ADMINS, &[id.into()])
        .await?
        .at(0)
}

/// How many admins there are, active or not.
pub(crate) async fn count_admins(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.fetch_one(&COUNT_ADMINS, &[]).await?.at(0)
}

/// Lists one account more than the page holds, in the order of creation, with their roles.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    filter: &UserFilter,
    page: &PageRequest,
) -> Result<Vec<UserRecord>, StoreError> {
    let mut query = Filtered::new(filter);
    if let Some(cursor) = page.cursor {
        query.and("u.id >", cursor.as_uuid().into());
    }
    let (limit, skip) = (i64::from(page.limit) + 1, i64::from(page.skip));
    let limit = query.bind(limit.into());
    let skip = query.bind(skip.into());
    let sql = format!(
        "select {COLUMNS} from {} order by u.id limit {limit} offset {skip}",
        query.tables_and_conditions()
    );
    let rows = tx
        .fetch_all(&Statement::composed("users.list", sql), &query.values)
        .await?;
    let mut users = rows.iter().map(read_user).collect::<Result<Vec<_>, _>>()?;
    add_roles(tx, &mut users).await?;
    Ok(users)
}

/// Counts the accounts that the filter lets through.
pub(crate) async fn count(tx: &mut Tx<'_>, filter: &UserFilter) -> Result<i64, StoreError> {
    let query = Filtered::new(filter);
    let sql = format!("select count(*) from {}", query.tables_and_conditions());
    tx.fetch_one(&Statement::composed("users.count", sql), &query.values)
        .await?
        .at(0)
}

/// A filter on its way to become SQL: fixed pieces of text, values by placeholder.
struct Filtered {
    by_role: bool,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filtered {
    fn new(filter: &UserFilter) -> Self {
        let mut query = Self {
            by_role: filter.role.is_some(),
            conditions: Vec::new(),
            values: Vec::new(),
        };
        if let Some(role) = &filter.role {
            query.and("r.role_name =", role.into());
        }
        match filter.is_active {
            Some(true) => query.conditions.push("u.deactivated_at is null".to_owned()),
            Some(false) => query
                .conditions
                .push("u.deactivated_at is not null".to_owned()),
            None => {}
        }
        if filter
            .search
            .as_ref()
            .is_some_and(|text| text.contains('\0'))
        {
            // PostgreSQL has no texts with NUL, and takes none to compare with.
            query.conditions.push("1 = 0".to_owned());
        } else if let Some(search) = &filter.search {
            let pattern = query.bind(like_pattern(search).into());
            query
                .conditions
                .push(format!("u.search_text like {pattern} escape '\\'"));
        }
        query
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn and(&mut self, comparison: &'static str, value: Value) {
        let placeholder = self.bind(value);
        self.conditions.push(format!("{comparison} {placeholder}"));
    }

    fn tables_and_conditions(&self) -> String {
        let mut text = String::from("doorward_users u");
        if self.by_role {
            text.push_str(" join doorward_user_roles r on r.user_id = u.id");
        }
        if !self.conditions.is_empty() {
            text.push_str(" where ");
            text.push_str(&self.conditions.join(" and "));
        }
        text
    }
}

/// The text anywhere, with the signs that mean something to `like` taken as they are.
fn like_pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// Adds the roles of a page of accounts, in one statement.
async fn add_roles(tx: &mut Tx<'_>, users: &mut [UserRecord]) -> Result<(), StoreError> {
    if users.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = (1..=users.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "select user_id, role_name from doorward_user_roles where user_id in ({})",
        places.join(", ")
    );
    let ids: Vec<_> = users.iter().map(|user| user.id.into()).collect();
    for row in tx
        .fetch_all(&Statement::composed("users.list_roles", sql), &ids)
        .await?
    {
        let id: UserId = row.at(0)?;
        // The page is in the order of ids.
        if let Ok(position) = users.binary_search_by_key(&id, |user| user.id) {
            users[position].roles.push(row.at(1)?);
        }
    }
    Ok(())
}

fn read_user(row: &Row) -> Result<UserRecord, StoreError> {
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
    })
}

/// A column that was written from a `T`, as a `T` again.
fn read_parsed<T>(row: &Row, position: usize) -> Result<Option<T>, StoreError>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.at(position)?;
    text.map(|text| text.parse().map_err(StoreError::internal))
        .transpose()
}

impl FromColumn for RoleName {
    fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
        row.at::<String>(position)?
            .parse()
            .map_err(StoreError::internal)
    }
}

impl From<&RoleName> for Value {
    fn from(name: &RoleName) -> Self {
        name.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_like_are_searched_as_they_are() {
        assert_eq!(like_pattern("50%_\\A"), "%50\\%\\_\\\\a%");
    }
}
