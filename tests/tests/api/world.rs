//! Everything that a request of any operation can be about, and what is stored of it.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing::FixedClock;
use doorward::{Database, VerificationRequest};
use doorward_tests::engine::{PASSWORD, START, TestEngine, address, anonymous};
use doorward_tests::http::{Client, TestApi};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The audit trail and the counters of failures grow by refusals too.
const GROWING: [&str; 2] = ["doorward_audit_events", "doorward_login_failures"];

/// The API with somebody of every built-in role, a role that nobody has, and a look into
/// its database.
pub(crate) struct World {
    pub(crate) api: TestApi,
    /// A plain account with a session, that others act on.
    pub(crate) target: Client,
    database: Connection,
    _folder: TempDir,
}

/// The database of a new world, made once: worlds are many.
static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

struct Template {
    database: Vec<u8>,
    tokens: Tokens,
}

/// Mailed tokens of the target, good in every new world.
pub(crate) struct Tokens {
    pub(crate) reset: String,
    pub(crate) verification: String,
}

/// The mailed tokens, once there was a world.
pub(crate) fn tokens() -> &'static Tokens {
    &TEMPLATE.get().unwrap().tokens
}

async fn template() -> Template {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.db");
    let url = format!("sqlite:{}", path.display());
    let database = Database::connect(&url).await.unwrap();
    let clock = Arc::new(FixedClock::at(START));
    let engine = TestEngine::on(database, clock, |builder| builder.reveal_tokens(true)).await;
    for (email, role) in [
        ("spare@example.com", "admin"),
        ("target@example.com", "user"),
        ("guest@example.com", "guest"),
        ("user@example.com", "user"),
        ("moderator@example.com", "moderator"),
        ("admin@example.com", "admin"),
    ] {
        engine.create(email, &[role]).await;
    }
    let tokens = ask_for_tokens(&engine).await;
    let api = TestApi::on(engine);
    let admin = api.login_as("admin").await;
    let pilot = json!({"name": "pilot", "permissions": ["flights:fly"]});
    assert_eq!(admin.post("/roles").json(&pilot).await.status, 201);
    assert_eq!(admin.post("/auth/logout").await.status, 200);
    let copy = folder.path().join("copy.db");
    Connection::open(path)
        .unwrap()
        .execute("vacuum into $1", [copy.to_str().unwrap()])
        .unwrap();
    Template {
        database: std::fs::read(copy).unwrap(),
        tokens,
    }
}

async fn ask_for_tokens(engine: &TestEngine) -> Tokens {
    let email = address("target@example.com");
    let reset = engine.request_password_reset(&email, &anonymous()).await;
    let target = engine.log_in("target@example.com").await;
    let caller = target.caller();
    let asked = engine.request_email_verification(&target.who, &caller);
    let VerificationRequest::Sent(verification) = asked.await.unwrap() else {
        unreachable!("nobody has verified the address")
    };
    engine.logout(&target.who, &caller).await.unwrap();
    Tokens {
        reset: reset.unwrap().unwrap().as_str().to_owned(),
        verification: verification.unwrap().as_str().to_owned(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("world.db");
        std::fs::write(&path, &TEMPLATE.get_or_init(template).await.database).unwrap();
        let url = format!("sqlite:{}", path.display());
        let database = Database::connect(&url).await.unwrap();
        let engine = TestEngine::with_mail_on(database, |builder| builder).await;
        engine.advance(Duration::from_secs(1));
        let api = TestApi::on(engine);
        Self {
            target: api.login("target@example.com").await,
            api,
            database: Connection::open(path).unwrap(),
            _folder: folder,
        }
    }

    /// Somebody: `anonymous`, or one of a role.
    pub(crate) async fn actor(&self, name: &str) -> Client {
        match name {
            "anonymous" => self.api.anonymous(),
            role => self.api.login_as(role).await,
        }
    }

    /// All rows of all tables, less those that refusals add to.
    pub(crate) fn dump(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in self.tables() {
            let mut query = self
                .database
                .prepare(&format!("select * from {table}"))
                .unwrap();
            let width = query.column_count();
            let cells = |row: &rusqlite::Row<'_>| {
                (0..width)
                    .map(|column| row.get::<_, Cell>(column))
                    .collect::<Result<Vec<_>, _>>()
            };
            let found = query.query_map([], cells).unwrap();
            rows.extend(found.map(|row| format!("{table} {:?}", row.unwrap())));
        }
        rows.sort_unstable();
        rows
    }

    fn tables(&self) -> Vec<String> {
        let mut query = self
            .database
            .prepare("select name from sqlite_master where type = 'table'")
            .unwrap();
        let names = query.query_map([], |row| row.get(0)).unwrap();
        names
            .map(|name: Result<String, _>| name.unwrap())
            .filter(|name| !GROWING.contains(&name.as_str()))
            .collect()
    }
}

/// The session of the client's access token.
pub(crate) fn session_of(client: &Client) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let token = client.access_token.as_deref().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
    let claims: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    claims["sid"].as_str().unwrap().to_owned()
}

/// [`PASSWORD`] with a name, as a login takes it.
pub(crate) fn credentials(name: &str) -> serde_json::Value {
    json!({"username": name, "password": PASSWORD})
}
