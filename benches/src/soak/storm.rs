//! A minute of everything at once: the server stays small, answers, and its mail leaves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use doorward_benches::Outcome;
use doorward_benches::client::{Client, request};
use doorward_benches::cores::leave_server_core;
use doorward_benches::random::{self, Random};
use doorward_benches::server::Server;
use tokio::task::LocalSet;

use crate::accounts::{Accounts, Names, PASSWORD, login};
use crate::sink::Sink;

const LENGTH: Duration = Duration::from_secs(60);
/// How long the mail may take to leave after the load.
const DRAIN: Duration = Duration::from_secs(60);
/// How long a client waits that would otherwise outrun the server.
const PAUSE: Duration = Duration::from_millis(100);
/// What one hash takes at the default cost, in MiB.
const HASH: f64 = 19.0;
/// What caches, buffers of connections and the allocator may take beyond that, in MiB.
const BESIDES: f64 = 40.0;

/// What a client does again and again, and how many clients do.
const CLIENTS: [(Kind, usize); 5] = [
    (Kind::RightLogin, 48),
    (Kind::WrongLogin, 32),
    (Kind::Refresh, 4),
    (Kind::Reset, 4),
    (Kind::Registration, 4),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    RightLogin,
    WrongLogin,
    Refresh,
    Reset,
    Registration,
}

/// How many answers of each kind had which status.
type Counts = Rc<RefCell<BTreeMap<(Kind, u16), u64>>>;

/// Runs the storm; tells whether all held.
pub(crate) fn run(program: &str) -> Outcome<bool> {
    leave_server_core();
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    let sink = Sink::start()?;
    let settings = sink.settings();
    // A refusal is a line in the log, and there are thousands.
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, text)| (*name, &**text))
        .chain([("LOG_LEVEL", "off")])
        .collect();
    let server = Server::doorward_with(program, folder.path(), &settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let counts = Counts::default();
    let (idle, most) = runtime.block_on(load(&server, &counts))?;
    let drained = drain(&server, folder.path())?;
    let after = server.memory()?.0;
    for ((kind, status), count) in counts.borrow().iter() {
        println!("{:14} {status} {count:10}", format!("{kind:?}"));
    }
    // The hashing pool has as many threads as the server has cores.
    let permits = std::thread::available_parallelism().map_or(1, usize::from);
    let ceiling = idle + HASH * permits.max(2) as f64 + BESIDES;
    println!("memory [MiB]   idle {idle:.1}, most {most:.1} of {ceiling:.1}, after {after:.1}");
    println!(
        "mails          {} taken, outbox {}",
        sink.taken(),
        match drained {
            Some(took) => format!("empty {:.1} s after the load", took.as_secs_f64()),
            None => "NOT EMPTY".to_owned(),
        }
    );
    let failed = counts
        .borrow()
        .keys()
        .any(|(_, status)| *status >= 500 && *status != 503);
    Ok(!failed && most <= ceiling && drained.is_some())
}

/// Drives all clients for the length; the memory before, and the most that there was.
async fn load(server: &Server, counts: &Counts) -> Outcome<(f64, f64)> {
    let mut random = Random::new(random::seed());
    let mut accounts = Accounts::log_in(server, &mut random).await?;
    let (known, unknown) = (accounts.known().await?, accounts.unknown());
    let idle = server.memory()?.0;
    let local = LocalSet::new();
    let until = Instant::now() + LENGTH;
    let mut clients = Vec::new();
    for (at, kind) in CLIENTS
        .iter()
        .flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count))
        .enumerate()
    {
        let mut one = OneClient {
            kind,
            client: Client::connect(&server.address).await?,
            known: known.starting_at(at),
            unknown: unknown.starting_at(at),
            random: Random::new(random.number()),
            counts: Rc::clone(counts),
            refresh_token: None,
        };
        clients.push(
            local.spawn_local(
                async move { one.run(until).await.map_err(|error| error.to_string()) },
            ),
        );
    }
    local
        .run_until(async {
            for client in clients {
                client.await??;
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        })
        .await?;
    Ok((idle, server.memory()?.1))
}

struct OneClient {
    kind: Kind,
    client: Client,
    known: Names,
    unknown: Names,
    random: Random,
    counts: Counts,
    refresh_token: Option<String>,
}

impl OneClient {
    async fn run(&mut self, until: Instant) -> Outcome<()> {
        while Instant::now() < until {
            let next = self.next();
            let answer = self.client.send(&next).await?;
            let status = answer.status;
            if self.kind == Kind::Refresh {
                let tokens = serde_json::from_slice::<serde_json::Value>(answer.body);
                self.refresh_token = tokens
                    .ok()
                    .and_then(|tokens| Some(tokens["refresh_token"].as_str()?.to_owned()));
            }
            *self
                .counts
                .borrow_mut()
                .entry((self.kind, status))
                .or_default() += 1;
            // Who is refused comes back, and not at once; and a request that is answered before it
            // is carried out would come ten times as fast as its mail can leave.
            if status == 503 || self.kind == Kind::Reset {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Vec<u8> {
        match (self.kind, &self.refresh_token) {
            (Kind::RightLogin, _) | (Kind::Refresh, None) => login(self.known.next(), PASSWORD),
            (Kind::WrongLogin, _) => login(self.unknown.next(), "a wrong password"),
            (Kind::Refresh, Some(token)) => {
                let body = format!(r#"{{"refresh_token":"{token}"}}"#);
                request("POST", "/api/v1/auth/refresh", None, &body)
            }
            (Kind::Reset, _) => {
                let body = format!(r#"{{"email":"{}@example.com"}}"#, self.known.next());
                request("POST", "/api/v1/auth/password/reset/request", None, &body)
            }
            (Kind::Registration, _) => {
                let name = crate::accounts::fresh(&mut self.random);
                let body = format!(r#"{{"email":"{name}@example.com","password":"{PASSWORD}"}}"#);
                request("POST", "/api/v1/auth/register", None, &body)
            }
        }
    }
}

/// Waits until nothing is put off and no mail waits; tells how long it took.
fn drain(server: &Server, folder: &Path) -> Outcome<Option<Duration>> {
    let start = Instant::now();
    let database = rusqlite::Connection::open(folder.join("app.db"))?;
    database.busy_timeout(Duration::from_secs(5))?;
    while start.elapsed() < DRAIN {
        // A server that is gone drains nothing.
        server.memory()?;
        let waiting: i64 =
            database.query_row("select count(*) from doorward_jobs", [], |row| row.get(0))?;
        if waiting == 0 {
            return Ok(Some(start.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(None)
}
