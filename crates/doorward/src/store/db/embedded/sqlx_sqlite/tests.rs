//! Two drivers on one file: what one writes the other reads, and what one refuses the other
//! refuses for the same reason.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use uuid::Uuid;

use super::*;
use crate::store::db::Tx;

/// A migrated file with a connection of each driver, of which neither waits for the other.
struct Bench {
    folder: tempfile::TempDir,
    ours: rusqlite::Connection,
    theirs: SqliteConnection,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.db");
        let url = DatabaseUrl::sqlite(&file);
        let database = Database::open(&url, &PoolOptions::default()).await.unwrap();
        database.migrate().await.unwrap();
        let ours = rusqlite::Connection::open(&file).unwrap();
        ours.busy_timeout(Duration::ZERO).unwrap();
        ours.pragma_update(None, "foreign_keys", true).unwrap();
        let theirs = SqliteConnectOptions::new()
            .filename(&file)
            .busy_timeout(Duration::ZERO);
        Self {
            folder,
            ours,
            theirs: theirs.connect().await.unwrap(),
        }
    }

    /// Runs a text on both connections.
    async fn prepare(&mut self, sql: &'static str) {
        self.ours.execute_batch(sql).unwrap();
        sqlx::raw_sql(sql).execute(&mut self.theirs).await.unwrap();
    }

    /// What both drivers make of a statement; each is undone.
    async fn refusals(&mut self, sql: &str) -> [String; 2] {
        let statement = Statement::composed("test", sql.to_owned());
        let mut ours = Tx::sqlite(&mut self.ours);
        let one = refusal(&mut ours, &statement).await;
        let mut theirs = Tx::sqlx_sqlite(&mut self.theirs);
        [one, refusal(&mut theirs, &statement).await]
    }
}

async fn refusal(tx: &mut Tx<'_>, statement: &Statement) -> String {
    match tx.execute(statement, &[]).await {
        Ok(_) => "none".to_owned(),
        Err(StoreError::Constraint(constraint)) => format!("{constraint:?}"),
        Err(StoreError::Unavailable(_)) => "unavailable".to_owned(),
        Err(StoreError::Internal(_)) => "internal".to_owned(),
    }
}

#[tokio::test]
async fn a_value_is_bound_by_its_number_wherever_it_stands() {
    let mut bench = Bench::new().await;
    let statement = Statement::new(
        "test",
        "select $3, $1, $2, $1, $11, $3 where $2 = 'two' and $10 is $4 and $5 < $6 \
         and $7 = $8 and $9 is null",
    );
    let values = [
        1_i64.into(),
        "two".into(),
        Uuid::from_u128(3).into(),
        Value::Integer(None),
        5_i64.into(),
        6_i64.into(),
        "same".into(),
        "same".into(),
        Value::Text(None),
        Value::Uuid(None),
        Value::from(&b"eleven"[..]),
    ];
    for tx in &mut [
        Tx::sqlite(&mut bench.ours),
        Tx::sqlx_sqlite(&mut bench.theirs),
    ] {
        // Compiled, and then taken from where compiled statements are kept.
        for _ in 0..2 {
            let row = tx.fetch_one(&statement, &values).await.unwrap();
            assert_eq!(row.at::<Uuid>(0).unwrap(), Uuid::from_u128(3));
            assert_eq!(row.at::<i64>(1).unwrap(), 1);
            assert_eq!(row.at::<String>(2).unwrap(), "two");
            assert_eq!(row.at::<i64>(3).unwrap(), 1);
            assert_eq!(row.at::<Vec<u8>>(4).unwrap(), b"eleven");
            assert_eq!(row.at::<Uuid>(5).unwrap(), Uuid::from_u128(3));
        }
        let missing = tx.fetch_one(&statement, &values[1..]).await;
        assert!(matches!(missing, Err(StoreError::Internal(_))));
    }
}

#[tokio::test]
async fn what_one_driver_writes_the_other_reads() {
    let mut bench = Bench::new().await;
    bench
        .ours
        .execute_batch(
            "create table things (number bigint, word text, id uuid, bytes bytea, fraction real)",
        )
        .unwrap();
    let insert = Statement::new(
        "test",
        "insert into things (number, word, id, bytes) values ($1, $2, $3, $4)",
    );
    let rows: [[Value; 4]; 4] = [
        [
            i64::MIN.into(),
            "zażółć".into(),
            Uuid::max().into(),
            (&[0, 255][..]).into(),
        ],
        [
            i64::MAX.into(),
            "".into(),
            Uuid::nil().into(),
            (&[][..]).into(),
        ],
        [
            0_i64.into(),
            "1".into(),
            Uuid::from_u128(1).into(),
            (&b"1"[..]).into(),
        ],
        [
            Value::Integer(None),
            Value::Text(None),
            Value::Uuid(None),
            (&b"\0"[..]).into(),
        ],
    ];
    for (at, row) in rows.iter().enumerate() {
        let changed = if at % 2 == 0 {
            Tx::sqlite(&mut bench.ours).execute(&insert, row).await
        } else {
            Tx::sqlx_sqlite(&mut bench.theirs)
                .execute(&insert, row)
                .await
        };
        assert_eq!(changed.unwrap(), 1);
    }
    bench
        .ours
        .execute_batch("update things set fraction = 0.5 where number = 0")
        .unwrap();
    let select = Statement::new(
        "test",
        "select number, word, id, bytes, fraction, typeof(id), count(*) over (), null \
         from things order by rowid",
    );
    let ours = Tx::sqlite(&mut bench.ours)
        .fetch_all(&select, &[])
        .await
        .unwrap();
    let theirs = Tx::sqlx_sqlite(&mut bench.theirs)
        .fetch_all(&select, &[])
        .await
        .unwrap();
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    assert_eq!(ours.len(), rows.len());
    assert_eq!(theirs[0].at::<String>(5).unwrap(), "blob");
    assert_eq!(theirs[3].at::<Option<Uuid>>(2).unwrap(), None);
}

const USERS: &str = "insert into doorward_users (id, email_canonical, username_canonical, \
                     search_text, created_at, updated_at) values ";

#[tokio::test]
async fn both_drivers_refuse_for_the_same_reason() {
    let mut bench = Bench::new().await;
    bench
        .ours
        .execute_batch(&format!(
            "{USERS} (x'01', 'anna@example.com', 'anna', '', 0, 0);
             create table watched (number bigint);
             create trigger watches before insert on watched begin
                 select raise(abort, 'no');
             end;"
        ))
        .unwrap();
    for (values, reason) in [
        (
            "(x'02', 'anna@example.com', 'berta', '', 0, 0)",
            "UserEmail",
        ),
        (
            "(x'02', 'berta@example.com', 'anna', '', 0, 0)",
            "UserUsername",
        ),
        (
            "(x'01', 'berta@example.com', 'berta', '', 0, 0)",
            "internal",
        ),
        (
            "(x'02', 'berta@example.com', 'berta', null, 0, 0)",
            "internal",
        ),
    ] {
        let refusals = bench.refusals(&format!("{USERS} {values}")).await;
        assert_eq!(refusals, [reason; 2], "{values}");
    }
    for (sql, reason) in [
        (
            "insert into doorward_roles (name, rank, description, created_at, updated_at) \
             values ('user', 0, '', 0, 0)",
            "RoleName",
        ),
        (
            "insert into doorward_user_roles (user_id, role_name, granted_at) \
             values (x'01', 'nobody', 0)",
            "Reference",
        ),
        ("insert into watched (number) values (1)", "Reference"),
        ("select no such thing", "internal"),
        ("delete from doorward_nothing", "internal"),
    ] {
        assert_eq!(bench.refusals(sql).await, [reason; 2], "{sql}");
    }
}

#[tokio::test]
async fn both_drivers_call_the_same_things_unavailable() {
    const WRITE: &str = "update doorward_users set updated_at = 1";
    const GROW: &str = "insert into doorward_jobs (id, queue, kind, sealed, created_at, expires_at, \
                        attempts) values (x'01', '', '', zeroblob(1000000), 0, 0, 0)";
    let mut bench = Bench::new().await;
    let holder = rusqlite::Connection::open(bench.folder.path().join("test.db")).unwrap();

    holder.execute_batch("begin immediate").unwrap();
    assert_eq!(bench.refusals(WRITE).await, ["unavailable"; 2], "busy");
    holder.execute_batch("rollback").unwrap();

    bench
        .prepare("begin; select count(*) from doorward_users")
        .await;
    holder.execute_batch(WRITE).unwrap();
    holder
        .execute_batch("update doorward_roles set updated_at = 1")
        .unwrap();
    assert_eq!(bench.refusals(WRITE).await, ["unavailable"; 2], "outdated");
    bench.prepare("rollback").await;

    bench.prepare("pragma query_only = on").await;
    assert_eq!(bench.refusals(WRITE).await, ["unavailable"; 2], "read-only");
    bench.prepare("pragma query_only = off").await;

    bench.prepare("pragma max_page_count = 1").await;
    assert_eq!(bench.refusals(GROW).await, ["unavailable"; 2], "full");
}

#[tokio::test]
async fn a_connection_must_be_on_the_file_and_hold_to_the_schema() {
    let mut bench = Bench::new().await;
    let file = find_file(&mut bench.theirs).await.unwrap().unwrap();
    assert_eq!(bench.ours.path(), Some(&*file));
    let check = check_connection(&mut bench.theirs, Some(&file)).await;
    assert!(check.is_ok(), "{check:?}");
    for other in [None, Some("/elsewhere/test.db")] {
        let check = check_connection(&mut bench.theirs, other).await;
        assert!(matches!(check, Err(StoreError::Internal(_))), "{other:?}");
    }
    bench.prepare("pragma foreign_keys = off").await;
    let check = check_connection(&mut bench.theirs, Some(&file)).await;
    assert!(matches!(check, Err(StoreError::Internal(_))));

    let memory = SqliteConnectOptions::new().in_memory(true);
    let mut memory = memory.connect().await.unwrap();
    for file in [None, Some(""), Some(":memory:")] {
        let check = check_connection(&mut memory, file).await;
        assert!(matches!(check, Err(StoreError::Internal(_))), "{file:?}");
    }
}

#[tokio::test]
async fn the_check_sees_no_data_yet() {
    let mut bench = Bench::new().await;
    let file = bench.ours.path().unwrap().to_owned();
    sqlx::raw_sql("begin")
        .execute(&mut bench.theirs)
        .await
        .unwrap();
    check_connection(&mut bench.theirs, Some(&file))
        .await
        .unwrap();
    // Who had seen any could not write after somebody else did.
    bench
        .ours
        .execute_batch("update doorward_roles set updated_at = 1")
        .unwrap();
    let write = Statement::new("test", "update doorward_roles set updated_at = 2");
    let changed = Tx::sqlx_sqlite(&mut bench.theirs)
        .execute(&write, &[])
        .await;
    assert!(changed.unwrap() > 0);
}
