//! The pairs of requests whose answers are compared.

use std::time::Duration;

use doorward_benches::Outcome;
use doorward_benches::client::request;

use crate::accounts::{Accounts, Names, PASSWORD, login};

/// Makes the next request of a kind.
pub(super) type Next = Box<dyn FnMut() -> Vec<u8>>;

/// Two kinds of requests, and what their answers should be.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What the first and the second kind sends.
    pub(super) kinds: [Next; 2],
    /// What each is answered with; another status means that the case is not what it claims.
    pub(super) statuses: [u16; 2],
    /// Sent several times right behind, and measured in place of the request itself.
    pub(super) probe: Option<Next>,
    /// How long the server is left alone after each, to finish what it does after its answer.
    pub(super) rest: Duration,
    /// Whether the kinds are meant to differ: then the case shows that it would be seen.
    pub(super) differs: bool,
}

/// After an answer that leaves work behind.
const REST: Duration = Duration::from_millis(3);

impl Case {
    fn new(name: &'static str, status: u16, kinds: [Next; 2]) -> Self {
        Self {
            name,
            kinds,
            statuses: [status; 2],
            probe: None,
            rest: Duration::ZERO,
            differs: false,
        }
    }

    fn resting(self) -> Self {
        Self { rest: REST, ..self }
    }

    fn followed_by(self, probe: Next) -> Self {
        let probe = Some(probe);
        Self { probe, ..self }.resting()
    }
}

/// All cases, the controls first.
pub(super) async fn all(accounts: &mut Accounts) -> Outcome<Vec<Case>> {
    let mut cases = controls(accounts).await?;
    cases.extend(logins(accounts).await?);
    cases.extend(requests_that_wait(accounts).await?);
    Ok(cases)
}

async fn controls(accounts: &mut Accounts) -> Outcome<Vec<Case>> {
    let known = accounts.known().await?;
    let (one, another) = (accounts.unknown(), accounts.unknown());
    let right = Case {
        statuses: [401, 200],
        differs: true,
        ..Case::new(
            "control: wrong / right password",
            401,
            [by_email(known.clone()), right(known)],
        )
    };
    Ok(vec![
        Case::new(
            "control: unknown / unknown",
            401,
            [by_email(one), by_email(another)],
        ),
        right,
    ])
}

async fn logins(accounts: &mut Accounts) -> Outcome<Vec<Case>> {
    let kinds = [
        by_email(accounts.unknown()),
        by_email(accounts.known().await?),
    ];
    let email = Case::new("login, e-mail: unknown / wrong password", 401, kinds);
    let kinds = [
        by_username(accounts.unknown()),
        by_username(accounts.known().await?),
    ];
    let username = Case::new("login, username: unknown / wrong password", 401, kinds);
    let kinds = [
        by_email(accounts.unknown()),
        by_email(accounts.used().await?),
    ];
    let used = Case::new("login, unknown / used from here before", 401, kinds);
    Ok(vec![email, username, used])
}

/// What is written down, answered, and carried out later.
async fn requests_that_wait(accounts: &mut Accounts) -> Outcome<Vec<Case>> {
    let kinds = [reset(accounts.unknown()), reset(accounts.known().await?)];
    let reset_alone = Case::new("reset: unknown / known", 200, kinds).resting();
    let kinds = [
        register(accounts.stream()),
        register_again(accounts.known().await?),
    ];
    let registration = Case::new("registration: free / taken", 202, kinds).resting();
    let kinds = [reset(accounts.unknown()), reset(accounts.known().await?)];
    let reset_followed = Case::new("what follows a reset: unknown / known", 200, kinds)
        .followed_by(reset(accounts.unknown()));
    let kinds = [
        register(accounts.stream()),
        register_again(accounts.known().await?),
    ];
    let followed = Case::new("what follows a registration: free / taken", 202, kinds)
        .followed_by(reset(accounts.unknown()));
    Ok(vec![reset_alone, registration, reset_followed, followed])
}

fn by_email(mut names: Names) -> Next {
    Box::new(move || login(&format!("{}@example.com", names.next()), "a wrong password"))
}

fn by_username(mut names: Names) -> Next {
    Box::new(move || login(names.next(), "a wrong password"))
}

fn right(mut names: Names) -> Next {
    Box::new(move || login(&format!("{}@example.com", names.next()), PASSWORD))
}

fn reset(mut names: Names) -> Next {
    Box::new(move || {
        let body = format!(r#"{{"email":"{}@example.com"}}"#, names.next());
        request("POST", "/api/v1/auth/password/reset/request", None, &body)
    })
}

fn register(mut name: impl FnMut() -> String + 'static) -> Next {
    Box::new(move || registration(&name()))
}

fn register_again(mut names: Names) -> Next {
    Box::new(move || registration(names.next()))
}

fn registration(name: &str) -> Vec<u8> {
    let body = format!(r#"{{"email":"{name}@example.com","password":"{PASSWORD}"}}"#);
    request("POST", "/api/v1/auth/register", None, &body)
}
