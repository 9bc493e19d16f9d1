//! All that a database holds, as text.

use doorward_tests::databases::{Kind, TestDatabase};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

/// The text of every row of every table, and the names of the tables.
pub(crate) async fn dump(db: &TestDatabase) -> (Vec<String>, String) {
    if db.kind() == Kind::Postgres {
        dump_postgres(db).await
    } else {
        dump_sqlite(db)
    }
}

async fn dump_postgres(db: &TestDatabase) -> (Vec<String>, String) {
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let tables = sqlx::query(
        "select table_name::text from information_schema.tables \
         where table_schema = 'public' order by 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let tables: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
    let mut text = String::new();
    for table in &tables {
        let rows = sqlx::query(AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        for row in rows {
            text.push_str(&row.get::<String, _>(0));
            text.push('\n');
        }
    }
    (tables, text)
}

fn dump_sqlite(db: &TestDatabase) -> (Vec<String>, String) {
    let connection = rusqlite::Connection::open(db.file().unwrap()).unwrap();
    let mut names = connection
        .prepare(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1",
        )
        .unwrap();
    let tables: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut text = String::new();
    for table in &tables {
        let mut statement = connection
            .prepare(&format!("select * from {table}"))
            .unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(bytes)
                    | rusqlite::types::ValueRef::Blob(bytes) => {
                        text.push_str(&String::from_utf8_lossy(bytes));
                    }
                    other => text.push_str(&format!("{other:?}")),
                }
                text.push('\n');
            }
        }
    }
    (tables, text)
}
