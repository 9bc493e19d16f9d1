//! What deletion leaves behind of where an account was used from, and in the files.

use std::path::Path;
use std::time::{Duration, Instant};

use doorward::{
    AuditEvent, AuditFilter, AuditRead, Caller, Origin, PageRequest, UserId, UsersDelete,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, operator, proof};
use doorward_tests::{on_every_database, on_every_lasting_database};

use crate::dump::dump;
use crate::life::{NAMES, TRACES, engine_without_post, lead_a_life, origin};

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn events(engine: &TestEngine) -> Vec<AuditEvent> {
    let (filter, page) = (AuditFilter::default(), PageRequest::new(0, 200));
    let listed = engine
        .list_audit_events(&operator::<AuditRead>(), filter, page)
        .await;
    listed.unwrap().items
}

/// The events that tell from where something was done.
async fn traced(engine: &TestEngine) -> Vec<AuditEvent> {
    let mut events = events(engine).await;
    events.retain(|event| {
        event.ip.is_some() || event.user_agent.is_some() || event.request_id.is_some()
    });
    events
}

/// Waits until it holds, as it does at once or a moment later.
async fn soon(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < deadline, "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn delete(engine: &TestEngine, id: UserId) -> impl Future<Output = ()> {
    let engine = engine.clone();
    async move {
        let by = operator::<UsersDelete>();
        engine.delete_user(&by, id).await.unwrap();
    }
}

on_every_database! {
    async fn a_deleted_account_s_networks_and_devices_are_wiped_out_of_the_audit_trail(db) {
        let engine = engine_without_post(db.url(), false).await;
        let id = lead_a_life(&engine).await;
        let (all, told) = (events(&engine).await.len(), traced(&engine).await.len());
        assert!(told >= 20, "{told}");
        delete(&engine, id).await;
        assert_eq!(engine.erase_deleted_accounts().await.unwrap(), told as u64);
        assert_eq!(traced(&engine).await.len(), 0);
        assert_eq!(events(&engine).await.len(), all + 1);
        assert_eq!(engine.erase_deleted_accounts().await.unwrap(), 0);
    }

    async fn it_is_wiped_out_without_being_asked_for(db) {
        let engine = engine_without_post(db.url(), true).await;
        let id = lead_a_life(&engine).await;
        assert!(!traced(&engine).await.is_empty());
        delete(&engine, id).await;
        soon("no trace", async || traced(&engine).await.is_empty()).await;
    }
}

on_every_lasting_database! {
    async fn what_a_crash_left_is_wiped_out_at_the_next_start(db) {
        let engine = engine_without_post(db.url(), false).await;
        let id = lead_a_life(&engine).await;
        delete(&engine, id).await;
        assert!(!traced(&engine).await.is_empty());
        drop(engine);
        let engine = engine_without_post(db.url(), true).await;
        soon("no trace", async || traced(&engine).await.is_empty()).await;
    }

    async fn what_was_under_way_at_the_deletion_leaves_no_trace_either(db) {
        let engine = TestEngine::at(db.url()).await;
        let anna = engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        let late = Caller::user(visitor.who.clone(), origin());
        delete(&engine, anna.id).await;
        engine.keep_house().await.unwrap();

        engine.export_own_data(&visitor.who, &late).await.unwrap();
        assert_eq!(traced(&engine).await.len(), 1);
        engine.advance(HOUR - Duration::from_millis(1));
        assert_eq!(engine.keep_house().await.unwrap().erased_traces, 0);
        engine.advance(Duration::from_millis(1));
        assert_eq!(engine.keep_house().await.unwrap().erased_traces, 1);
        assert!(traced(&engine).await.is_empty());
        let (_, all) = dump(db).await;
        assert!(!all.contains("198.51.100.23"), "{all}");
    }
}

#[tokio::test]
async fn where_others_acted_from_stays() {
    let engine = TestEngine::in_memory().await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let anna = engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let by_anna = Caller::user(visitor.who.clone(), origin());
    engine
        .end_all_sessions(&visitor.who, &by_anna, true)
        .await
        .unwrap();
    let office = Origin::default().with_ip("203.0.113.9".parse().unwrap());
    let by_admin = Caller::user(admin.who.clone(), office);
    let permitted = by_admin.permit::<UsersDelete>().unwrap();
    engine.delete_user(&permitted, anna.id).await.unwrap();
    assert_eq!(traced(&engine).await.len(), 2);
    assert_eq!(engine.erase_deleted_accounts().await.unwrap(), 1);
    let left = traced(&engine).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].action, "user.deleted");
    assert_eq!(left[0].ip.as_deref(), Some("203.0.113.9"));
}

#[tokio::test]
async fn many_traces_are_wiped_out_in_several_batches_and_nobody_else_s() {
    let engine = TestEngine::in_memory().await;
    for name in ["anna@example.com", "bert@example.com"] {
        engine.sign_up(name).await;
        let visitor = engine.log_in(name).await;
        let caller = Caller::user(visitor.who.clone(), origin());
        for _ in 0..1_001 {
            engine
                .end_all_sessions(&visitor.who, &caller, true)
                .await
                .unwrap();
        }
        if name == "anna@example.com" {
            engine
                .delete_own_account(&visitor.who, &caller, &proof())
                .await
                .unwrap();
        }
    }
    assert_eq!(engine.erase_deleted_accounts().await.unwrap(), 1_002);
    assert_eq!(engine.erase_deleted_accounts().await.unwrap(), 0);
    assert!(traced(&engine).await.iter().all(|event| event.ip.is_some()));
    assert!(!traced(&engine).await.is_empty());
}

/// What the database's files hold, in lower case.
fn bytes_of(file: &Path) -> String {
    let log = file.with_extension("db-wal");
    let mut bytes = std::fs::read(file).unwrap();
    bytes.extend(std::fs::read(log).unwrap_or_default());
    String::from_utf8_lossy(&bytes).to_lowercase()
}

fn found<'n>(file: &Path, needles: impl IntoIterator<Item = &'n &'n str>) -> Vec<&'n str> {
    let bytes = bytes_of(file);
    needles
        .into_iter()
        .copied()
        .filter(|needle| bytes.contains(needle))
        .collect()
}

async fn leave_nothing_in_the_files(db: &TestDatabase) {
    let file = db.file().unwrap();
    let engine = engine_without_post(db.url(), true).await;
    engine.sign_up("bert@example.com").await;
    let id = lead_a_life(&engine).await;
    engine.sign_up("carla@example.com").await;
    assert_eq!(
        found(&file, &TRACES),
        TRACES,
        "the bytes show what is there"
    );
    delete(&engine, id).await;
    // The hashes of the others are there and stay.
    let gone: Vec<_> = NAMES
        .iter()
        .chain(&TRACES)
        .filter(|name| **name != "argon2")
        .collect();
    soon("nothing in the files", async || {
        found(&file, gone.iter().copied()).is_empty()
    })
    .await;
    drop(engine);
    assert!(found(&file, gone.iter().copied()).is_empty());
    assert!(!found(&file, &["bert@example.com", "carla@example.com"]).is_empty());
}

#[test]
fn a_deleted_account_is_not_in_the_files_of_sqlite() {
    doorward_tests::databases::run(Kind::SqliteFile, leave_nothing_in_the_files);
}

/// Each column that names an account, and what becomes of it: where it is in an export, and
/// what deletion does with it. A new one has to be thought of in `account/export.rs` and in
/// `account/erase.rs` or by a foreign key, and then here.
const ACCOUNT_COLUMNS: [(&str, &str, Fate); 10] = [
    ("doorward_audit_events", "actor_id", Fate::StaysAsId),
    ("doorward_audit_events", "target_id", Fate::StaysAsId),
    ("doorward_erasures", "user_id", Fate::StaysAsId),
    ("doorward_jobs", "user_id", Fate::IsDeleted),
    ("doorward_known_origins", "user_id", Fate::IsDeleted),
    ("doorward_login_failures", "user_id", Fate::IsDeleted),
    ("doorward_one_time_tokens", "user_id", Fate::IsDeleted),
    ("doorward_passwords", "user_id", Fate::IsDeleted),
    ("doorward_sessions", "user_id", Fate::IsDeleted),
    ("doorward_user_roles", "user_id", Fate::IsDeleted),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The row goes with the account.
    IsDeleted,
    /// The id stays, and nothing beside it that is personal.
    StaysAsId,
}

#[tokio::test]
async fn each_column_that_names_an_account_is_thought_of() {
    let db = TestDatabase::create(Kind::SqliteFile).unwrap();
    let _engine = TestEngine::at(db.url()).await;
    let connection = rusqlite::Connection::open(db.file().unwrap()).unwrap();
    // What names an account is a `uuid`, and no key of another kind of thing.
    let mut query = connection
        .prepare(
            "select t.name, c.name, coalesce(max(f.on_delete), '') \
             from sqlite_master t join pragma_table_info(t.name) c \
             left join pragma_foreign_key_list(t.name) f \
             on f.\"from\" = c.name and f.\"table\" = 'doorward_users' \
             where t.type = 'table' and c.type = 'uuid' and c.name not in \
             ('id', 'session_id', 'client_id', 'key_id', 'claim', 'current_jti', 'previous_jti', 'awaits') \
             group by 1, 2 order by 1, 2",
        )
        .unwrap();
    let columns: Vec<(String, String, Fate)> = query
        .query_map([], |row| {
            let fate = match row.get::<_, String>(2)?.as_str() {
                "CASCADE" => Fate::IsDeleted,
                _ => Fate::StaysAsId,
            };
            Ok((row.get(0)?, row.get(1)?, fate))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let columns: Vec<_> = columns
        .iter()
        .map(|(table, column, fate)| (&**table, &**column, *fate))
        .collect();
    assert_eq!(columns, ACCOUNT_COLUMNS);
}
