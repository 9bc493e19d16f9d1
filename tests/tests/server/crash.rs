//! `kill -9` under load: whatever was acknowledged is there after a restart, and what was
//! revoked stays so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::on_every_lasting_database;
use doorward_tests::server::client::{Answer, Http, Session};
use doorward_tests::server::{Installation, Server};
use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const PASSWORD: &str = "correct horse battery";
const ROUNDS: usize = 3;
/// Workers of each kind.
const WORKERS: usize = 3;
/// Acknowledged writes of each kind before the server is killed.
const ENOUGH: usize = 25;

/// What the server has acknowledged.
#[derive(Default)]
struct Ledger {
    registered: Vec<String>,
    /// Of each chain of refreshes the tokens, the newest last.
    refreshed: Vec<Vec<Session>>,
    logged_out: Vec<Session>,
    /// Of each account the roles that it was given, and the one that is under way.
    roles: Vec<(String, Vec<&'static str>, &'static str)>,
}

impl Ledger {
    fn has_enough(&self) -> bool {
        let refreshes: usize = self.refreshed.iter().map(Vec::len).sum();
        let changes: usize = self.roles.iter().map(|(_, given, _)| given.len()).sum();
        let counts = [
            self.registered.len(),
            refreshes,
            self.logged_out.len(),
            changes,
        ];
        counts.iter().all(|count| *count >= ENOUGH)
    }
}

/// A client that goes on until the server is gone.
#[derive(Clone)]
struct Worker {
    http: Http,
    admin: Http,
    ledger: Arc<Mutex<Ledger>>,
    is_killed: Arc<AtomicBool>,
    name: String,
}

impl Worker {
    /// The answer, which must have this status; `None` once the server is being killed.
    async fn ask(
        &self,
        http: &Http,
        method: Method,
        path: &str,
        body: Value,
        status: u16,
    ) -> Option<Value> {
        let answer: Result<Answer, _> = http.call(method, path).json(&body).try_send().await;
        match answer {
            Ok(answer) => Some(answer.expect(status)),
            Err(error) => {
                assert!(self.is_killed.load(Ordering::SeqCst), "{path}: {error}");
                None
            }
        }
    }

    fn note(&self, write: impl FnOnce(&mut Ledger)) {
        write(&mut self.ledger.lock().unwrap());
    }

    async fn register(&self, email: &str) -> Option<Value> {
        let body = json!({"email": email, "password": PASSWORD});
        self.ask(&self.http, Method::POST, "/auth/register", body, 201)
            .await
    }

    async fn login(&self, email: &str) -> Option<Session> {
        let body = json!({"username": email, "password": PASSWORD});
        let tokens = self
            .ask(&self.http, Method::POST, "/auth/login", body, 200)
            .await?;
        Some(Session::new(&self.http, &tokens))
    }

    async fn register_until_killed(self) -> Option<()> {
        for number in 0.. {
            let email = format!("{}-{number}@example.com", self.name);
            self.register(&email).await?;
            self.note(|ledger| ledger.registered.push(email));
        }
        None
    }

    async fn refresh_until_killed(self) -> Option<()> {
        let email = format!("{}@refresh.example", self.name);
        self.register(&email).await?;
        let mut session = self.login(&email).await?;
        let mut chain = 0;
        self.note(|ledger| {
            chain = ledger.refreshed.len();
            ledger.refreshed.push(vec![session.clone()]);
        });
        loop {
            let body = json!({"refresh_token": session.refresh});
            let tokens = self
                .ask(&self.http, Method::POST, "/auth/refresh", body, 200)
                .await?;
            session = Session::new(&self.http, &tokens);
            self.note(|ledger| ledger.refreshed[chain].push(session.clone()));
        }
    }

    async fn log_out_until_killed(self) -> Option<()> {
        let email = format!("{}@logout.example", self.name);
        self.register(&email).await?;
        loop {
            let session = self.login(&email).await?;
            self.ask(&session.http, Method::POST, "/auth/logout", json!({}), 200)
                .await?;
            self.note(|ledger| ledger.logged_out.push(session));
        }
    }

    async fn change_roles_until_killed(self) -> Option<()> {
        let email = format!("{}@roles.example", self.name);
        let user = self.register(&email).await?;
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let mut place = 0;
        self.note(|ledger| {
            place = ledger.roles.len();
            ledger.roles.push((path.clone(), vec!["user"], "user"));
        });
        for role in ["moderator", "guest", "admin", "user"].iter().cycle() {
            self.note(|ledger| ledger.roles[place].2 = role);
            let body = json!({"role": role});
            self.ask(&self.admin, Method::PATCH, &path, body, 200)
                .await?;
            self.note(|ledger| ledger.roles[place].1.push(role));
        }
        None
    }
}

fn installation(db: &TestDatabase) -> Installation {
    let place = Installation::with_admin()
        .with_cheap_passwords()
        // The one token whose answer was lost may be asked for again for as long as we test.
        .set("REFRESH_RETRY_SECONDS", "300");
    match db.kind() {
        Kind::Postgres => place.set("DATABASE_URL", db.url()),
        Kind::SqliteFile | Kind::SqliteMemory => place,
    }
}

/// Loads the server, kills it under the load, and answers with what it had acknowledged.
async fn load_and_kill(mut server: Server, round: usize) -> Ledger {
    let ledger = Arc::<Mutex<Ledger>>::default();
    let is_killed = Arc::<AtomicBool>::default();
    let admin = server.admin().await;
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let worker = |kind: &str| Worker {
            http: server.http(),
            admin: admin.clone(),
            ledger: Arc::clone(&ledger),
            is_killed: Arc::clone(&is_killed),
            name: format!("{kind}-{round}-{number}"),
        };
        workers.spawn(worker("register").register_until_killed());
        workers.spawn(worker("refresh").refresh_until_killed());
        workers.spawn(worker("logout").log_out_until_killed());
        workers.spawn(worker("roles").change_roles_until_killed());
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while !ledger.lock().unwrap().has_enough() {
        assert!(
            Instant::now() < deadline && workers.len() == 4 * WORKERS,
            "{server:#?}"
        );
        let ended = workers.try_join_next();
        assert!(ended.is_none(), "a worker gave up: {ended:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    is_killed.store(true, Ordering::SeqCst);
    server.kill();
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    std::mem::take(&mut *ledger.lock().unwrap())
}

async fn check(server: &Server, ledger: &Ledger) {
    let http = server.http();
    for email in &ledger.registered {
        http.login(email, PASSWORD).await;
    }
    for session in &ledger.logged_out {
        session
            .http
            .moved_to(server)
            .get("/users/me")
            .await
            .expect(401);
        http.refresh(&session.refresh).await.expect(401);
    }
    let admin = server.admin().await;
    for (path, given, under_way) in &ledger.roles {
        let user = admin.get(path).await.expect(200);
        let role = user["role"].as_str().unwrap();
        let acknowledged = *given.last().unwrap();
        assert!(
            [acknowledged, *under_way].contains(&role),
            "{role}: {given:?}, {under_way}"
        );
    }
    for chain in &ledger.refreshed {
        let last = chain.last().unwrap();
        last.http
            .moved_to(server)
            .get("/users/me")
            .await
            .expect(200);
        let renewed = http.refresh(&last.refresh).await.expect(200);
        Session::new(&http, &renewed)
            .http
            .get("/users/me")
            .await
            .expect(200);
        // What was exchanged long ago is good for nothing but to betray its thief.
        for old in chain.iter().rev().skip(2) {
            http.refresh(&old.refresh).await.expect(401);
        }
    }
}

on_every_lasting_database! {
    async fn acknowledged_writes_survive(db) {
        let place = installation(db);
        let mut ledgers = Vec::new();
        for round in 0..ROUNDS {
            ledgers.push(load_and_kill(place.start(), round).await);
            check(&place.start(), &ledgers[round]).await;
        }
        let server = place.start();
        for ledger in &ledgers {
            for email in &ledger.registered {
                server.http().login(email, PASSWORD).await;
            }
            for session in &ledger.logged_out {
                server.http().refresh(&session.refresh).await.expect(401);
            }
        }
        server.stop();
        if db.kind() == Kind::SqliteFile {
            assert_sound(&place);
        }
    }
}

fn assert_sound(place: &Installation) {
    let database = rusqlite::Connection::open(place.path("app.db")).unwrap();
    let verdict: String = database
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let orphans = database
        .prepare("pragma foreign_key_check")
        .unwrap()
        .exists([])
        .unwrap();
    assert!(!orphans);
}
