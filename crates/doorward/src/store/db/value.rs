//! The column types that both databases share, in both directions.

use uuid::Uuid;

use super::error::StoreError;
use crate::domain::clock::Timestamp;
use crate::domain::id::{EventId, KeyId, MailId, SessionId, TokenId, UserId};

/// A value to bind. `None` is NULL, and still knows its type, as PostgreSQL wants it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Uuid(Option<Uuid>),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(Some(value.as_millis()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Self {
        Self::Integer(value.map(Timestamp::as_millis))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(Some(value))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

/// A type that a column's content can be read as.
pub(crate) trait FromColumn: Sized {
    /// Reads the column at `position`, counted from 0.
    fn from_column(row: &Row, position: usize) -> Result<Self, StoreError>;
}

/// One row of an answer.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(Vec<rusqlite::types::Value>),
    Postgres(sqlx::postgres::PgRow),
}

impl Row {
    /// The column at `position`, counted from 0, as a `T`.
    pub(crate) fn at<T: FromColumn>(&self, position: usize) -> Result<T, StoreError> {
        T::from_column(self, position)
    }
}

fn wrong_type(position: usize) -> StoreError {
    StoreError::internal(format!(
        "column {position} holds another type than expected"
    ))
}

macro_rules! read_column {
    ($type:ty, $($pattern:pat => $value:expr),+ $(,)?) => {
        impl FromColumn for $type {
            fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
                match row {
                    Row::Sqlite(values) => match values.get(position) {
                        $(Some($pattern) => $value,)+
                        _ => None,
                    }
                    .ok_or_else(|| wrong_type(position)),
                    Row::Postgres(row) => {
                        sqlx::Row::try_get(row, position).map_err(StoreError::internal)
                    }
                }
            }
        }
    };
}

use rusqlite::types::Value as Sqlite;

read_column!(i64, Sqlite::Integer(number) => Some(*number));
read_column!(Option<i64>, Sqlite::Integer(number) => Some(Some(*number)), Sqlite::Null => Some(None));
read_column!(String, Sqlite::Text(text) => Some(text.clone()));
read_column!(Option<String>, Sqlite::Text(text) => Some(Some(text.clone())), Sqlite::Null => Some(None));
read_column!(Vec<u8>, Sqlite::Blob(bytes) => Some(bytes.clone()));
read_column!(Uuid, Sqlite::Blob(bytes) => Uuid::from_slice(bytes).ok());
read_column!(
    Option<Uuid>,
    Sqlite::Blob(bytes) => Uuid::from_slice(bytes).ok().map(Some),
    Sqlite::Null => Some(None),
);

impl FromColumn for Timestamp {
    fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
        row.at(position).map(Timestamp::from_millis)
    }
}

impl FromColumn for Option<Timestamp> {
    fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
        Ok(row.at::<Option<i64>>(position)?.map(Timestamp::from_millis))
    }
}

macro_rules! id_column {
    ($($id:ty),+) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Uuid(Some(id.as_uuid()))
            }
        }

        impl From<Option<$id>> for Value {
            fn from(id: Option<$id>) -> Self {
                Self::Uuid(id.map(<$id>::as_uuid))
            }
        }

        impl FromColumn for $id {
            fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
                row.at(position).map(<$id>::from_uuid)
            }
        }

        impl FromColumn for Option<$id> {
            fn from_column(row: &Row, position: usize) -> Result<Self, StoreError> {
                Ok(row.at::<Option<Uuid>>(position)?.map(<$id>::from_uuid))
            }
        }
    )+};
}

id_column!(EventId, KeyId, MailId, SessionId, TokenId, UserId);
