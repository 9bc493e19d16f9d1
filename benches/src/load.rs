//! Load: many clients that ask again as soon as they are answered.

use std::time::{Duration, Instant};

use doorward_benches::Outcome;
use doorward_benches::client::{Client, request};

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// How long 99 of 100 answers took at the most.
    pub(crate) p99: Duration,
    /// How many answers had another status than 200.
    pub(crate) others: usize,
    /// How long the slowest of those took.
    pub(crate) slowest_other: Duration,
}

/// What a client sends next, given the last answer.
pub(crate) trait Script: Clone {
    fn next(&mut self, last: Option<&[u8]>) -> Outcome<Vec<u8>>;
}

/// The same request again and again.
#[derive(Clone)]
pub(crate) struct Same(pub(crate) Vec<u8>);

impl Script for Same {
    fn next(&mut self, _: Option<&[u8]>) -> Outcome<Vec<u8>> {
        Ok(self.0.clone())
    }
}

/// Exchanges each refresh token for its successor, from a login on.
#[derive(Clone)]
pub(crate) struct Refreshing {
    pub(crate) login: Vec<u8>,
}

impl Script for Refreshing {
    fn next(&mut self, last: Option<&[u8]>) -> Outcome<Vec<u8>> {
        let Some(last) = last else {
            return Ok(self.login.clone());
        };
        let tokens: serde_json::Value = serde_json::from_slice(last)?;
        let token = tokens["refresh_token"].as_str().ok_or("no refresh token")?;
        let body = format!("{{\"refresh_token\":\"{token}\"}}");
        Ok(request("POST", "/api/v1/auth/refresh", None, &body))
    }
}

/// Runs one script on this many connections for this long; what came first is not counted.
pub(crate) async fn run(
    address: &str,
    connections: usize,
    length: Duration,
    script: impl Script + 'static,
) -> Outcome<Load> {
    let warm_up = length / 10;
    let start = Instant::now() + warm_up;
    let local = tokio::task::LocalSet::new();
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let (address, script) = (address.to_owned(), script.clone());
            local.spawn_local(async move {
                one_client(&address, script, start, length)
                    .await
                    .map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut all = Vec::new();
    local
        .run_until(async {
            for client in clients {
                all.push(client.await??);
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        })
        .await?;
    Ok(sum_up(&all, length))
}

#[derive(Default)]
struct Counted {
    took: Vec<Duration>,
    others: usize,
    slowest_other: Duration,
}

async fn one_client(
    address: &str,
    mut script: impl Script,
    start: Instant,
    length: Duration,
) -> Outcome<Counted> {
    let mut client = Client::connect(address).await?;
    let mut counted = Counted::default();
    let mut last: Option<Vec<u8>> = None;
    loop {
        let sent = Instant::now();
        if sent >= start + length {
            return Ok(counted);
        }
        let next = script.next(last.as_deref())?;
        let sent = Instant::now();
        let answer = client.send(&next).await?;
        let took = sent.elapsed();
        if answer.status == 200 {
            last = Some(answer.body.to_vec());
        }
        match (sent >= start, answer.status) {
            (false, _) => {}
            (true, 200) => counted.took.push(took),
            (true, _) => {
                counted.others += 1;
                counted.slowest_other = counted.slowest_other.max(took);
            }
        }
    }
}

fn sum_up(all: &[Counted], length: Duration) -> Load {
    let mut took: Vec<_> = all
        .iter()
        .flat_map(|client| client.took.iter().copied())
        .collect();
    took.sort_unstable();
    let rank = took.len() * 99 / 100;
    Load {
        rate: took.len() as f64 / length.as_secs_f64(),
        p99: took.get(rank).copied().unwrap_or_default(),
        others: all.iter().map(|client| client.others).sum(),
        slowest_other: all
            .iter()
            .map(|client| client.slowest_other)
            .max()
            .unwrap_or_default(),
    }
}
