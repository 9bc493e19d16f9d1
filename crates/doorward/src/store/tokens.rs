//! Statements about one-time tokens.

use super::db::{Statement, StoreError, Tx};
use crate::domain::account::EmailAddress;
use crate::domain::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::one_time_token::{TokenHash, TokenPurpose};

const INSERT: Statement = Statement::new(
    "tokens.insert",
    "insert into doorward_one_time_tokens \
     (token_hash, user_id, purpose, email, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
);
const FIND: Statement = Statement::new(
    "tokens.find",
    "select user_id, email from doorward_one_time_tokens \
     where token_hash = $1 and purpose = $2 and expires_at > $3",
);
const CONSUME: Statement = Statement::new(
    "tokens.consume",
    "delete from doorward_one_time_tokens \
     where token_hash = $1 and purpose = $2 and expires_at > $3 returning user_id, email",
);
const REVOKE: Statement = Statement::new(
    "tokens.revoke",
    "delete from doorward_one_time_tokens where user_id = $1 and purpose = $2",
);
const REVOKE_ALL: Statement = Statement::new(
    "tokens.revoke_all",
    "delete from doorward_one_time_tokens where user_id = $1",
);
const LIST_OF: Statement = Statement::new(
    "tokens.list_of",
    "select purpose, email, created_at, expires_at from doorward_one_time_tokens \
     where user_id = $1 order by created_at, purpose",
);
pub(super) const PURGE: Statement = Statement::new(
    "tokens.purge",
    "delete from doorward_one_time_tokens where token_hash in \
     (select token_hash from doorward_one_time_tokens where expires_at < $1 \
      order by expires_at limit $2)",
);

/// A one-time token to keep.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub(crate) hash: TokenHash,
    pub(crate) user: UserId,
    pub(crate) purpose: TokenPurpose,
    pub(crate) email: EmailAddress,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Whose a token is, and which address it proves.
#[derive(Clone, Debug)]
pub(crate) struct TokenRecord {
    pub(crate) user: UserId,
    pub(crate) email: EmailAddress,
}

/// Keeps a token; the account's earlier ones for the same purpose are worth nothing any more.
pub(crate) async fn supersede(tx: &mut Tx<'_>, token: &NewToken) -> Result<(), StoreError> {
    revoke(tx, token.user, token.purpose).await?;
    let values = [
        token.hash.as_bytes().into(),
        token.user.into(),
        token.purpose.as_str().into(),
        token.email.as_str().into(),
        token.created_at.into(),
        token.expires_at.into(),
    ];
    tx.execute(&INSERT, &values).await.map(drop)
}

/// Finds a live token, and leaves it as it is.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    hash: TokenHash,
    purpose: TokenPurpose,
    now: Timestamp,
) -> Result<Option<TokenRecord>, StoreError> {
    take(tx, &FIND, hash, purpose, now).await
}

/// Uses a live token up: of several who present it at once, one gets it.
pub(crate) async fn consume(
    tx: &mut Tx<'_>,
    hash: TokenHash,
    purpose: TokenPurpose,
    now: Timestamp,
) -> Result<Option<TokenRecord>, StoreError> {
    take(tx, &CONSUME, hash, purpose, now).await
}

async fn take(
    tx: &mut Tx<'_>,
    statement: &Statement,
    hash: TokenHash,
    purpose: TokenPurpose,
    now: Timestamp,
) -> Result<Option<TokenRecord>, StoreError> {
    let values = [hash.as_bytes().into(), purpose.as_str().into(), now.into()];
    let Some(row) = tx.fetch_optional(statement, &values).await? else {
        return Ok(None);
    };
    Ok(Some(TokenRecord {
        user: row.at(0)?,
        email: row.at::<String>(1)?.parse().map_err(StoreError::internal)?,
    }))
}

/// Takes an account's tokens for one purpose away.
pub(crate) async fn revoke(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: TokenPurpose,
) -> Result<(), StoreError> {
    let values = [user.into(), purpose.as_str().into()];
    tx.execute(&REVOKE, &values).await.map(drop)
}

/// Takes all of an account's tokens away: its address or its password is another one now.
pub(crate) async fn revoke_all(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tx.execute(&REVOKE_ALL, &[user.into()]).await.map(drop)
}

/// A token as it is listed, without its hash.
#[derive(Debug)]
pub(crate) struct ListedToken {
    pub(crate) purpose: String,
    pub(crate) email: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Lists an account's tokens, the oldest first: never what they are found by.
pub(crate) async fn list_of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<ListedToken>, StoreError> {
    let rows = tx.fetch_all(&LIST_OF, &[user.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(ListedToken {
                purpose: row.at(0)?,
                email: row.at(1)?,
                created_at: row.at(2)?,
                expires_at: row.at(3)?,
            })
        })
        .collect()
}

/// Deletes some of the tokens that expired before `before`; tells how many.
pub(crate) async fn purge(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(&PURGE, &[before.into(), limit.into()]).await
}
