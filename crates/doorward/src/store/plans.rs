//! What runs in the background finds its rows by an index, however much there is.

use rusqlite::Connection;

use super::db::Statement;
use super::{audit, erasures, jobs, known_origins, login_failures, sessions, tokens};

const SCHEMA: &str = include_str!("../../migrations/0001_initial.sql");

/// How SQLite goes about it, a line for each step.
fn plan(connection: &Connection, statement: &Statement) -> Vec<String> {
    let explain = format!("explain query plan {}", statement.sql());
    let mut prepared = connection.prepare(&explain).unwrap();
    let lines = prepared
        .query_map(
            rusqlite::params_from_iter(vec![1; statement.binds()]),
            |row| row.get(3),
        )
        .unwrap();
    lines.map(Result::unwrap).collect()
}

#[test]
fn no_table_is_read_from_end_to_end() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    for statement in [
        audit::WIPE_ACTOR,
        audit::WIPE_TARGET,
        audit::PURGE,
        erasures::FIND_DUE,
        known_origins::PURGE,
        jobs::find_next_statement(&["one", "another"]),
        jobs::CLAIM,
        jobs::MAKE_DUE,
        jobs::PURGE_DEAD,
        jobs::PURGE_EXPIRED,
        login_failures::PURGE,
        sessions::FIND_ENDED_EPOCHS,
        sessions::PURGE_EPOCHS,
        sessions::PURGE_EXPIRED,
        sessions::PURGE_REVOKED,
        tokens::PURGE,
    ] {
        let plan = plan(&connection, &statement);
        assert!(!plan.is_empty());
        for step in &plan {
            assert!(
                !step.starts_with("SCAN") && !step.contains("TEMP B-TREE"),
                "{}: {plan:#?}",
                statement.name()
            );
        }
    }
    let unindexed = Statement::new("test", "select id from doorward_sessions where ip = $1");
    assert!(plan(&connection, &unindexed)[0].starts_with("SCAN"));
}
