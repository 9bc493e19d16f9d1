//! Names, of which a random half belongs to accounts.

use std::rc::Rc;

use doorward_benches::Outcome;
use doorward_benches::client::{Client, request};
use doorward_benches::random::Random;
use doorward_benches::server::{EMAIL, PASSWORD as ADMIN_PASSWORD, Server};

/// The password of every account that is made here.
pub(crate) const PASSWORD: &str = "a password for soaking";
/// How many names there are of each kind. Each fails less than fifty times.
const NAMES: usize = 250;

/// Makes accounts, as the administrator.
pub(crate) struct Accounts {
    client: Client,
    token: String,
    random: Random,
}

/// Names in turn, again and again.
#[derive(Clone)]
pub(crate) struct Names {
    names: Rc<[String]>,
    next: usize,
}

impl Names {
    /// The same names, from another one on.
    pub(crate) fn starting_at(&self, next: usize) -> Self {
        Self {
            next,
            ..self.clone()
        }
    }

    pub(crate) fn next(&mut self) -> &str {
        self.next += 1;
        &self.names[(self.next - 1) % self.names.len()]
    }
}

impl Accounts {
    pub(crate) async fn log_in(server: &Server, random: &mut Random) -> Outcome<Self> {
        let mut client = Client::connect(&server.address).await?;
        let answer = client.send(&login(EMAIL, ADMIN_PASSWORD)).await?;
        let tokens: serde_json::Value = serde_json::from_slice(answer.body)?;
        let token = tokens["access_token"].as_str().ok_or("no access token")?;
        Ok(Self {
            token: token.to_owned(),
            client,
            random: Random::new(random.number()),
        })
    }

    /// A stream of fresh names.
    pub(crate) fn stream(&mut self) -> impl FnMut() -> String + use<> {
        let mut random = Random::new(self.random.number());
        move || fresh(&mut random)
    }

    /// Names that no account has.
    pub(crate) fn unknown(&mut self) -> Names {
        Names {
            names: (0..NAMES).map(|_| fresh(&mut self.random)).collect(),
            next: 0,
        }
    }

    /// Names of active accounts: `name`, or `name@example.com`.
    pub(crate) async fn known(&mut self) -> Outcome<Names> {
        let known = self.unknown();
        for name in known.names.iter() {
            let body = format!(
                r#"{{"email":"{name}@example.com","username":"{name}","password":"{PASSWORD}","is_verified":true}}"#
            );
            let create = request("POST", "/api/v1/users", Some(&self.token), &body);
            expect(201, &mut self.client, &create).await?;
        }
        Ok(known)
    }

    /// Names of accounts that were used from here before.
    pub(crate) async fn used(&mut self) -> Outcome<Names> {
        let known = self.known().await?;
        for name in known.names.iter() {
            expect(200, &mut self.client, &login(name, PASSWORD)).await?;
        }
        Ok(known)
    }
}

pub(crate) fn login(name: &str, password: &str) -> Vec<u8> {
    let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
    request("POST", "/api/v1/auth/login", None, &body)
}

/// A name that nobody has had; all are alike.
pub(crate) fn fresh(random: &mut Random) -> String {
    format!("n{:015x}", random.number() >> 4)
}

async fn expect(status: u16, client: &mut Client, request: &[u8]) -> Outcome<()> {
    let answer = client.send(request).await?;
    if answer.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(answer.body);
    Err(format!("{} in place of {status}: {body}", answer.status).into())
}
