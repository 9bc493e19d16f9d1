//! A process that is killed in the middle of its writes has kept every promise it made.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use doorward::{Action, AuditFilter, AuditRead, PageRequest, UserName, UsersRead};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, address, anonymous, operator, registration};
use tokio::task::JoinSet;

/// Where the process that is to be killed finds its database.
const URL: &str = "DOORWARD_TEST_KILLED_URL";
/// The number of the round, so that each round has addresses of its own.
const ROUND: &str = "DOORWARD_TEST_KILLED_ROUND";

#[expect(
    clippy::disallowed_methods,
    reason = "the one way to tell a test process what to do"
)]
fn setting(name: &str) -> String {
    std::env::var(name).unwrap()
}

fn acknowledge(line: &str) {
    let mut output = std::io::stdout().lock();
    // The parent may have stopped to listen: it is about to kill.
    drop(writeln!(output, "{line}").and_then(|()| output.flush()));
}

/// Not a test: the process that is killed. Registers, logs in, refreshes and logs out, and
/// tells of each only when it was answered.
#[test]
#[ignore = "run by another test, which kills it"]
fn writes_until_killed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (url, round) = (setting(URL), setting(ROUND));
        let engine = TestEngine::at(&url).await;
        let mut writers = JoinSet::new();
        let worker = engine.clone();
        writers.spawn(async move {
            loop {
                worker.deliver_mail().await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        for writer in 0..6 {
            let (engine, round) = (engine.clone(), round.clone());
            writers.spawn(async move {
                for number in 0.. {
                    let email = format!("u{round}-{writer}-{number}@example.com");
                    write_once(&engine, &email).await;
                }
            });
        }
        writers.join_all().await;
    });
}

async fn write_once(engine: &TestEngine, email: &str) {
    engine
        .register(&anonymous(), registration(email))
        .await
        .unwrap();
    acknowledge(&format!("account {email}"));
    engine
        .request_password_reset(&address(email), &anonymous())
        .await
        .unwrap();
    acknowledge(&format!("reset {email}"));
    let kept = engine.log_in(email).await;
    let ended = engine.log_in(email).await;
    let ended_tokens = ended.tokens.clone();
    engine.logout(&ended.who, &ended.caller()).await.unwrap();
    acknowledge(&format!("ended {}", *ended_tokens.refresh_token));
    let second = engine.try_refresh(&kept.tokens).await.unwrap();
    acknowledge(&format!("live {}", *second.refresh_token));
}

fn start(url: &str, round: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "killed::writes_until_killed",
        ])
        .env(URL, url)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a process acknowledged before it was killed, and what it acknowledged while it was.
fn kill_after(lines: usize, mut child: Child) -> Vec<String> {
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_promise = |line: &String| {
        ["account ", "reset ", "ended ", "live "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let mut promises = Vec::new();
    while promises.len() < lines {
        // Where there is no line the process has ended by itself.
        let line = output.next().unwrap().unwrap();
        promises.extend(Some(line).filter(is_promise));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let complete = output.map_while(Result::ok).filter(is_promise);
    promises.extend(complete);
    promises
}

async fn check(engine: &TestEngine, promise: &str) {
    let (kind, what) = promise.split_once(' ').unwrap();
    match kind {
        "account" => drop(engine.log_in(what).await),
        "reset" => assert_eq!(count_resets(engine, what).await, 1, "{what}"),
        "ended" => {
            let refreshed = engine.refresh(what, &anonymous()).await;
            let ended = matches!(refreshed, Err(doorward::RefreshError::Revoked));
            assert!(ended, "a session that was ended lives: {refreshed:?}");
        }
        _ => {
            let refreshed = engine.refresh(what, &anonymous()).await;
            assert!(refreshed.is_ok(), "a session is lost: {refreshed:?}");
        }
    }
}

/// How often a deferred request for a new password was carried out.
async fn count_resets(engine: &TestEngine, email: &str) -> usize {
    let name = UserName::Email(address(email));
    let user = engine.find_user_named(&operator::<UsersRead>(), name).await;
    let filter = AuditFilter {
        action: Some(Action::PasswordResetRequested),
        target_id: Some(user.unwrap().id),
        ..AuditFilter::default()
    };
    let page = PageRequest::default();
    let by = operator::<AuditRead>();
    let events = engine.list_audit_events(&by, filter, page).await.unwrap();
    events.items.len()
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let mut all = Vec::new();
    for (round, lines) in [1, 7, 40, 111, 64].into_iter().enumerate() {
        let url = database.url().to_owned();
        let killed = move || kill_after(lines, start(&url, round));
        let promises = tokio::task::spawn_blocking(killed).await.unwrap();
        assert!(promises.len() >= lines);
        let engine = TestEngine::at(database.url()).await;
        engine.check_health().await.unwrap();
        // Carries out what was acknowledged and not yet done. What was done is not done again.
        engine.deliver_mail().await.unwrap();
        for promise in &promises {
            check(&engine, promise).await;
        }
        let accounts = promises
            .into_iter()
            .filter(|promise| promise.starts_with("account") || promise.starts_with("reset"));
        all.extend(accounts);
    }
    let engine = TestEngine::at(database.url()).await;
    for promise in &all {
        check(&engine, promise).await;
    }
    let sound: String = rusqlite::Connection::open(database.file().unwrap())
        .unwrap()
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
}
