//! The measurements, one after another, each beside its ceiling.

use std::path::Path;
use std::time::Duration;

use doorward_benches::Outcome;
use doorward_benches::client::{Client, request};
use doorward_benches::cores::{can_pin, leave_server_core, on_server_core};
use doorward_benches::server::{EMAIL, PASSWORD, Server};

use crate::load::{self, Load, Refreshing, Same};

const ME: &str = "/api/v1/users/me";
const LOGIN: &str = "/api/v1/auth/login";
const LENGTH: Duration = Duration::from_secs(5);

/// What can be measured.
const PARTS: [&str; 6] = ["start", "memory", "me", "login", "refresh", "storm"];

/// Measures these parts, or all where none is named, and prints a table.
pub(crate) fn parts(program: &str, wanted: &[&str]) -> Outcome<()> {
    if let Some(unknown) = wanted.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("no part `{unknown}`; there are {}", PARTS.join(", ")).into());
    }
    leave_server_core();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    println!(
        "one core each for server and load: {}",
        if can_pin() { "yes" } else { "no" }
    );
    println!(
        "{:44} {:>12} {:>12} {:>8}  aim",
        "", "measured", "ceiling", "ratio"
    );
    for part in PARTS
        .into_iter()
        .filter(|part| wanted.is_empty() || wanted.contains(part))
    {
        let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
        runtime.block_on(measure(part, program, folder.path()))?;
    }
    Ok(())
}

async fn measure(part: &str, program: &str, folder: &Path) -> Outcome<()> {
    match part {
        "start" => start_up(program, folder),
        "memory" => memory_at_rest(program, folder).await,
        "me" => me(program, folder).await,
        "login" => login(program, folder).await,
        "refresh" => refresh(program, folder).await,
        _ => storm(program, folder).await,
    }
}

fn row(what: &str, measured: f64, ceiling: f64, aim: &str) {
    println!(
        "{what:44} {measured:12.1} {ceiling:12.1} {:8.2}  {aim}",
        measured / ceiling
    );
}

fn start_up(program: &str, folder: &Path) -> Outcome<()> {
    let first = Server::doorward(program, folder)?.started_in;
    let again: Vec<_> = (0..5)
        .map(|_| Server::doorward(program, folder).map(|server| server.started_in))
        .collect::<Outcome<_>>()?;
    let again = again.into_iter().min().unwrap_or_default();
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    row(
        "start to first answer, from empty [ms]",
        millis(first),
        500.0,
        "<= 1.00",
    );
    row(
        "start to first answer, existing [ms]",
        millis(again),
        100.0,
        "<= 1.00",
    );
    Ok(())
}

async fn memory_at_rest(program: &str, folder: &Path) -> Outcome<()> {
    // The first start hashes a password; what is idle is every later one.
    drop(Server::doorward(program, folder)?);
    let server = Server::doorward(program, folder)?;
    // A server that has just started is busy with what follows its start.
    tokio::time::sleep(REST).await;
    row("memory idle [MiB]", server.memory()?.0, 20.0, "<= 1.00");
    let token = log_in(&server).await?;
    let mut asked = 0.0;
    while asked < 1_000_000.0 {
        let script = Same(request("GET", ME, Some(&token), ""));
        asked += load::run(&server.address, 32, LENGTH, script).await?.rate * LENGTH.as_secs_f64();
    }
    row(
        "memory after 1,000,000 me [MiB]",
        server.memory()?.0,
        40.0,
        "<= 1.00",
    );
    Ok(())
}

/// In turns, because a machine gets warmer, and neighbours come and go.
async fn me(program: &str, folder: &Path) -> Outcome<()> {
    let hello = Server::hello()?;
    let doorward = Server::doorward(program, folder)?;
    let token = log_in(&doorward).await?;
    let (mut ceiling, mut measured) = (0.0_f64, 0.0_f64);
    for _ in 0..3 {
        let script = Same(request("GET", "/", None, ""));
        ceiling = ceiling.max(load::run(&hello.address, 32, LENGTH, script).await?.rate);
        let script = Same(request("GET", ME, Some(&token), ""));
        measured = measured.max(ok(load::run(&doorward.address, 32, LENGTH, script).await?)?.rate);
    }
    row(
        "GET /users/me, of a bare hello [1/s]",
        measured,
        ceiling,
        ">= 0.80",
    );
    Ok(())
}

async fn login(program: &str, folder: &Path) -> Outcome<()> {
    let server = Server::doorward(program, folder)?;
    let (mut ceiling, mut measured) = (0.0_f64, 0.0_f64);
    for _ in 0..3 {
        ceiling = ceiling.max(bare("hash", LENGTH, Path::new("."))?);
        let load = load::run(&server.address, 32, LENGTH, Same(login_request())).await?;
        measured = measured.max(ok(load)?.rate);
    }
    row(
        "login, of the bare hash [1/s]",
        measured,
        ceiling,
        ">= 0.97",
    );
    Ok(())
}

async fn refresh(program: &str, folder: &Path) -> Outcome<()> {
    let server = Server::doorward(program, folder)?;
    let (mut ceiling, mut measured) = (0.0_f64, 0.0_f64);
    for _ in 0..3 {
        ceiling = ceiling.max(bare("commit", LENGTH, folder)?);
        let script = Refreshing {
            login: login_request(),
        };
        let load = load::run(&server.address, 16, LENGTH, script).await?;
        measured = measured.max(ok(load)?.rate);
    }
    row(
        "refresh, of single durable commits [1/s]",
        measured,
        ceiling,
        ">= 5.00",
    );
    Ok(())
}

/// `me` while 64 clients log in without pause.
async fn storm(program: &str, folder: &Path) -> Outcome<()> {
    let server = Server::doorward(program, folder)?;
    let token = log_in(&server).await?;
    let me = || Same(request("GET", ME, Some(&token), ""));
    let calm = ok(load::run(&server.address, 8, LENGTH, me()).await?)?;
    let idle = server.memory()?.0;
    let (stormy, logins) = tokio::try_join!(
        load::run(&server.address, 8, LENGTH, me()),
        load::run(&server.address, 64, LENGTH, Same(login_request())),
    )?;
    let micros = |time: Duration| time.as_secs_f64() * 1_000_000.0;
    let stormy = ok(stormy)?;
    row(
        "p99 of me under 64 logins, of without [us]",
        micros(stormy.p99),
        micros(calm.p99),
        "<= 2.00",
    );
    row(
        "slowest refusal of a login [ms]",
        micros(logins.slowest_other) / 1_000.0,
        100.0,
        "<= 1.00",
    );
    println!(
        "{:44} {:12.1}  ({} refused)",
        "logins meanwhile [1/s]", logins.rate, logins.others
    );
    let permits = 19.0 * if can_pin() { 1.0 } else { 2.0 };
    row(
        "most memory in the storm [MiB]",
        server.memory()?.1,
        idle + permits + 20.0,
        "<= 1.00",
    );
    Ok(())
}

fn ok(load: Load) -> Outcome<Load> {
    match load.others {
        0 => Ok(load),
        others => Err(format!("{others} answers were not 200").into()),
    }
}

fn bare(what: &str, length: Duration, folder: &Path) -> Outcome<f64> {
    let own = std::env::current_exe()?;
    let output = on_server_core(own.to_str().ok_or("a path that is not text")?)
        .args([what, &length.as_secs_f64().to_string()])
        .current_dir(folder)
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn login_request() -> Vec<u8> {
    let body = format!("{{\"username\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"}}");
    request("POST", LOGIN, None, &body)
}

async fn log_in(server: &Server) -> Outcome<String> {
    let mut client = Client::connect(&server.address).await?;
    let answer = client.send(&login_request()).await?;
    let tokens: serde_json::Value = serde_json::from_slice(answer.body)?;
    Ok(tokens["access_token"]
        .as_str()
        .ok_or("no access token")?
        .to_owned())
}
/// How long a server is left alone before it counts as idle.
const REST: Duration = Duration::from_secs(4);
