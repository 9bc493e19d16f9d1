//! Sends both kinds of a case in random order, and keeps how long each took and what it said.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use doorward_benches::Outcome;
use doorward_benches::client::{Answer, Client};
use doorward_benches::random::Random;
use doorward_benches::server::Server;

use super::cases::{Case, Next};
use super::statistics::{Comparison, Sample};

/// The first answers, which are not counted.
const WARM_UP: usize = 400;
/// How many samples of both kinds together are wanted, and with how few one looks at all.
const ENOUGH: usize = 12_000;
/// The longest that a case may take.
const LONGEST: Duration = Duration::from_secs(60);
/// How many different answers of a kind are kept: one is expected.
const ANSWERS: usize = 8;

/// How many probes follow a request: they last longer than the work that it leaves behind.
const PROBES: usize = 8;

/// What was seen of a case.
pub(super) struct Seen {
    pub(super) name: &'static str,
    pub(super) differs: bool,
    pub(super) comparison: Comparison,
    /// Whether status, text and header names of both kinds were the same throughout.
    pub(super) same_answers: bool,
}

/// Runs a case on one connection.
pub(super) async fn compare(server: &Server, mut case: Case, random: &mut Random) -> Outcome<Seen> {
    let mut client = Client::connect(&server.address).await?;
    let mut samples = Vec::with_capacity(ENOUGH);
    let mut answers = [BTreeSet::new(), BTreeSet::new()];
    let start = Instant::now();
    for round in 0.. {
        let is_second = random.coin();
        let kind = usize::from(is_second);
        let request = (case.kinds[kind])();
        let sent = Instant::now();
        let answer = client.send(&request).await?;
        let took = sent.elapsed();
        check(case.name, case.statuses[kind], &answer)?;
        if answers[kind].len() < ANSWERS {
            answers[kind].insert(text_of(&answer));
        }
        let took = match &mut case.probe {
            Some(probe) => time_probe(&mut client, probe).await?,
            None => took,
        };
        if round >= WARM_UP {
            let took = took.as_secs_f64();
            samples.push(Sample { is_second, took });
        }
        if samples.len() >= ENOUGH || start.elapsed() > LONGEST {
            break;
        }
        if !case.rest.is_zero() {
            tokio::time::sleep(case.rest).await;
        }
    }
    Ok(Seen {
        name: case.name,
        differs: case.differs,
        comparison: Comparison::of(&samples, random),
        same_answers: answers[0] == answers[1],
    })
}

/// How long the probes took together.
async fn time_probe(client: &mut Client, probe: &mut Next) -> Outcome<Duration> {
    let start = Instant::now();
    for _ in 0..PROBES {
        let answer = client.send(&probe()).await?;
        check("the probe", 200, &answer)?;
    }
    Ok(start.elapsed())
}

/// A case whose requests are refused for another reason would hold, and show nothing.
fn check(what: &str, status: u16, answer: &Answer<'_>) -> Outcome<()> {
    if answer.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(answer.body);
    Err(format!("{what}: {} in place of {status}: {body}", answer.status).into())
}

/// The whole answer, but for what differs from request to request.
fn text_of(answer: &Answer<'_>) -> String {
    let head = String::from_utf8_lossy(answer.head);
    let body = String::from_utf8_lossy(answer.body);
    let mut text = String::new();
    let mut own = Vec::new();
    for line in head.lines() {
        match line.split_once(": ") {
            Some((name @ ("date" | "x-process-time" | "x-request-id"), value)) => {
                own.push(value);
                text.push_str(name);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    let body = own
        .iter()
        .fold(body.into_owned(), |body, value| body.replace(value, ""));
    text + &body
}
