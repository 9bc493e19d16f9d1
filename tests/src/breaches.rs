//! Lists of breached passwords: one in memory, and a service that answers range queries.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use doorward::{BreachCheckUnavailable, BreachedPasswords, Password, PasswordSha1};
use http::HeaderMap;

pub use crate::stand_in::Behaviour;
use crate::stand_in::StandIn;

/// A list in memory, which counts how often it is asked.
#[derive(Debug)]
pub struct BreachList {
    known: Option<Vec<&'static str>>,
    asked: Mutex<u32>,
}

impl BreachList {
    /// One that knows these passwords.
    #[must_use]
    pub fn of(known: &[&'static str]) -> Arc<Self> {
        Arc::new(Self {
            known: Some(known.to_vec()),
            asked: Mutex::default(),
        })
    }

    /// One that never can tell.
    #[must_use]
    pub fn out_of_order() -> Arc<Self> {
        Arc::new(Self {
            known: None,
            asked: Mutex::default(),
        })
    }

    /// How often it was asked so far.
    #[must_use]
    pub fn asked(&self) -> u32 {
        *self.asked.lock().unwrap()
    }
}

impl BreachedPasswords for BreachList {
    fn contains<'a>(
        &'a self,
        password: &'a Password,
    ) -> Pin<Box<dyn Future<Output = Result<bool, BreachCheckUnavailable>> + Send + 'a>> {
        *self.asked.lock().unwrap() += 1;
        let found = self
            .known
            .as_ref()
            .map(|known| known.contains(&password.as_str()))
            .ok_or_else(|| BreachCheckUnavailable::new("out of order"));
        Box::pin(async move { found })
    }
}

/// A service on loopback that is asked for ranges of hashes; it goes with the value.
#[derive(Debug)]
pub struct RangeHost(StandIn);

impl RangeHost {
    /// Starts one.
    pub async fn start(behaviour: Behaviour) -> Self {
        Self(StandIn::start(behaviour).await)
    }

    /// One that knows this password and some others.
    pub async fn knowing(password: &str) -> Self {
        Self::start(Behaviour::Answers(200, Self::range_of(password, 17))).await
    }

    /// The lines of a range with this password, seen so many times.
    #[must_use]
    pub fn range_of(password: &str, count: u64) -> String {
        let hash = PasswordSha1::of(&Password::new(password.to_owned()));
        let suffix = &hash.as_str()[5..];
        let others = [
            "0018A45C4D1DEF81644B54AB7F969B88D65",
            "FFF5B0B5C5A0F0C9E1D2C3B4A5968778695",
        ];
        format!("{}:3\r\n{suffix}:{count}\r\n{}:0", others[0], others[1])
    }

    /// Where it is asked.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url("/range")
    }

    /// The paths and the header fields of all queries so far.
    #[must_use]
    pub fn queries(&self) -> Vec<(String, HeaderMap)> {
        let received = self.0.received().into_iter();
        received
            .map(|query| (query.uri.to_string(), query.headers))
            .collect()
    }
}
