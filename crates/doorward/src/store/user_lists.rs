//! Statements about many accounts: lists, searches and counts.

use super::db::{Statement, StoreError, Tx, Value};
use super::users::{COLUMNS, read_user};
use crate::domain::account::{UserFilter, UserRecord};
use crate::domain::authz::RoleName;
use crate::domain::id::UserId;
use crate::domain::page::PageRequest;

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

/// Lists accounts with their roles in the order of creation: one more than the page holds.
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

/// Counts the accounts that match the filter.
pub(crate) async fn count(tx: &mut Tx<'_>, filter: &UserFilter) -> Result<i64, StoreError> {
    let query = Filtered::new(filter);
    let sql = format!("select count(*) from {}", query.tables_and_conditions());
    tx.fetch_one(&Statement::composed("users.count", sql), &query.values)
        .await?
        .at(0)
}

/// Counts all accounts, the active ones, and the verified ones.
pub(crate) async fn count_all(tx: &mut Tx<'_>) -> Result<(i64, i64, i64), StoreError> {
    let row = tx.fetch_one(&COUNT_ALL, &[]).await?;
    Ok((row.at(0)?, row.at(1)?, row.at(2)?))
}

/// Counts the accounts of each role that at least one account has.
pub(crate) async fn count_by_role(tx: &mut Tx<'_>) -> Result<Vec<(RoleName, i64)>, StoreError> {
    let rows = tx.fetch_all(&COUNT_BY_ROLE, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.at(0)?, row.at(1)?)))
        .collect()
}

/// Counts the active administrators other than this account.
pub(crate) async fn count_other_active_admins(
    tx: &mut Tx<'_>,
    id: UserId,
) -> Result<i64, StoreError> {
    tx.fetch_one(&COUNT_OTHER_ACTIVE_ADMINS, &[id.into()])
        .await?
        .at(0)
}

/// Counts the administrators, including deactivated ones.
pub(crate) async fn count_admins(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.fetch_one(&COUNT_ADMINS, &[]).await?.at(0)
}

/// The conditions of a filter in SQL. Values are placeholders.
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
            // PostgreSQL rejects text with NUL, and no column holds it.
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

/// Returns the pattern that finds the text anywhere. Wildcards of `like` are escaped.
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
        // The accounts are sorted by id.
        if let Ok(position) = users.binary_search_by_key(&id, |user| user.id) {
            users[position].roles.push(row.at(1)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_like_are_searched_as_they_are() {
        assert_eq!(like_pattern("50%_\\A"), "%50\\%\\_\\\\a%");
    }
}
