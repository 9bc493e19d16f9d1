//! What is told, and what is left behind.

use std::time::Duration;

use doorward::{
    AuditFilter, AuditRead, Caller, PageRequest, Reauthentication, Registration, UserChange,
    UsersDelete,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{
    PASSWORD, TestEngine, anonymous, operator, password, registration, roles,
};
use doorward_tests::on_every_lasting_database;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

const TABLES: [&str; 8] = [
    "doorward_audit_events",
    "doorward_migrations",
    "doorward_passwords",
    "doorward_role_permissions",
    "doorward_roles",
    "doorward_sessions",
    "doorward_user_roles",
    "doorward_users",
];

/// The text of every row of every table, and the names of the tables.
async fn dump(db: &TestDatabase) -> (Vec<String>, String) {
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
                    rusqlite::types::ValueRef::Text(bytes) => {
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

async fn lead_a_life(engine: &TestEngine) -> doorward::UserId {
    let anna = Registration {
        username: Some("Annushka".parse().unwrap()),
        full_name: Some("Anna Kowalska".parse().unwrap()),
        ..registration("Anna.K@Bücher.example")
    };
    let anna = engine.register(&anonymous(), anna).await.unwrap();
    let visitor = engine.log_in("annushka").await;
    engine
        .try_log_in("annushka", "something else")
        .await
        .unwrap_err();
    let rename = UserChange {
        full_name: Some(Some("Anna Nowak".parse().unwrap())),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    engine
        .update_user(&visitor.caller(), anna.id, rename, &none)
        .await
        .unwrap();
    let promote = UserChange {
        roles: Some(roles(&["moderator", "user"])),
        ..UserChange::default()
    };
    engine
        .update_user(&Caller::operator(), anna.id, promote, &none)
        .await
        .unwrap();
    let new = password("an entirely new password");
    engine
        .change_password(&visitor.who, &visitor.caller(), password(PASSWORD), new)
        .await
        .unwrap();
    engine.try_refresh(&visitor.tokens).await.unwrap();
    engine
        .export_own_data(&visitor.who, &visitor.caller())
        .await
        .unwrap();
    anna.id
}

const NAMES: [&str; 8] = [
    "anna",
    "annushka",
    "kowalska",
    "nowak",
    "bücher",
    "xn--bcher",
    "argon2",
    "an entirely new",
];

on_every_lasting_database! {
    async fn a_deleted_account_leaves_no_name_in_any_table(db) {
        let engine = TestEngine::at(db.url()).await;
        let id = lead_a_life(&engine).await;
        let (tables, before) = dump(db).await;
        assert_eq!(tables, TABLES, "a new table has to be thought of here");
        assert!(before.to_lowercase().contains("nowak"), "the dump shows what is there");
        engine.delete_user(&operator::<UsersDelete>(), id).await.unwrap();
        let (_, after) = dump(db).await;
        for name in NAMES {
            assert!(!after.to_lowercase().contains(name), "{name} is in {after}");
        }
    }
}

#[tokio::test]
async fn v16_2_5_the_audit_trail_holds_no_name_and_no_secret() {
    let engine = TestEngine::in_memory().await;
    lead_a_life(&engine).await;
    engine
        .try_log_in("a-password-in-the-wrong-field", PASSWORD)
        .await
        .unwrap_err();
    let events = engine
        .list_audit_events(
            &operator::<AuditRead>(),
            AuditFilter::default(),
            PageRequest::new(0, 100),
        )
        .await
        .unwrap();
    assert!(events.items.len() >= 8);
    let text = format!("{:?}", events.items).to_lowercase();
    for name in NAMES
        .into_iter()
        .chain([PASSWORD, "a-password-in-the-wrong-field", "eyj"])
    {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn v16_3_1_every_authentication_is_told_whether_it_worked_or_not() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let step = || engine.advance(Duration::from_millis(1));
    let visitor = engine.log_in("anna@example.com").await;
    step();
    engine
        .try_log_in("anna@example.com", "wrong")
        .await
        .unwrap_err();
    step();
    engine
        .try_log_in("nobody@example.com", "wrong")
        .await
        .unwrap_err();
    step();
    let (wrong, new) = (password("wrong"), password("an entirely new password"));
    engine
        .change_password(&visitor.who, &visitor.caller(), wrong, new)
        .await
        .unwrap_err();
    step();
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.try_refresh(&second).await.unwrap();
    engine.try_refresh(&visitor.tokens).await.unwrap_err();

    let events = engine
        .list_audit_events(
            &operator::<AuditRead>(),
            AuditFilter::default(),
            PageRequest::new(0, 100),
        )
        .await
        .unwrap();
    let mut told: Vec<_> = events
        .items
        .iter()
        .map(|event| (&*event.action, &*event.outcome, event.target_id))
        .collect();
    told.reverse();
    let anna = Some(anna.id);
    assert_eq!(
        told,
        [
            ("user.registered", "success", anna),
            ("login", "success", anna),
            ("login", "failure", anna),
            ("login", "failure", None),
            ("password.changed", "failure", anna),
            ("refresh_token.reused", "failure", anna),
        ]
    );
}
