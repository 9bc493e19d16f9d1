//! A mail server on loopback that does as it is told, and keeps what it gets.
//!
//! ```no_run
//! use doorward_tests::smtp::{Act, Script, SmtpSink, Step};
//!
//! # async fn example() {
//! let sink = SmtpSink::start().await;
//! sink.script(Script::new().at(Step::Rcpt, Act::Reply("450 4.2.1 try later")));
//! // … whoever sends now is refused …
//! sink.script(Script::new());
//! let mail = sink.wait_for_mail().await;
//! assert_eq!(mail.subject(), "Hello");
//! # }
//! ```
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

mod mail;
mod script;
mod session;
mod tls;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use doorward::{SmtpConfig, SmtpSecurity};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use mail::ReceivedMail;
pub use script::{Act, Script, Step};

use self::session::Session;
use self::tls::Identity;

/// A test that waits longer than this for a mail has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server on loopback. It goes with the value.
#[derive(Debug)]
pub struct SmtpSink {
    port: u16,
    security: SmtpSecurity,
    identity: Identity,
    state: Arc<State>,
    server: JoinHandle<()>,
}

/// What the conversations share.
#[derive(Debug, Default)]
struct State {
    kept: Mutex<Kept>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    mails: Vec<ReceivedMail>,
    commands: Vec<String>,
    conversations: usize,
    script: Script,
    /// Scripts of the next conversations, one each.
    once: VecDeque<Script>,
}

impl SmtpSink {
    /// A server without TLS that takes every mail.
    pub async fn start() -> Self {
        Self::start_with(SmtpSecurity::None).await
    }

    /// A server with this security, under a certificate of its own for `127.0.0.1`.
    pub async fn start_with(security: SmtpSecurity) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let identity = Identity::new(&["127.0.0.1"]);
        let state = Arc::new(State::default());
        let server = tokio::spawn(serve(
            listener,
            security,
            identity.clone(),
            Arc::clone(&state),
        ));
        Self {
            port,
            security,
            identity,
            state,
            server,
        }
    }

    /// Where it listens, on `127.0.0.1`.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate, in PEM.
    #[must_use]
    pub fn certificate(&self) -> Vec<u8> {
        self.identity.pem().into_bytes()
    }

    /// How to send mail through it: its security, and its certificate trusted.
    #[must_use]
    pub fn config(&self) -> SmtpConfig {
        let from = "hello@example.com".parse().unwrap();
        let mut config = SmtpConfig::new("127.0.0.1", self.security, from);
        config.port = self.port;
        config.root_certificates = vec![self.certificate()];
        config
    }

    /// What it does in the conversations that begin from now on.
    pub fn script(&self, script: Script) {
        self.state.lock().script = script;
    }

    /// What it does in one conversation, the next that has no such script yet.
    pub fn script_once(&self, script: Script) {
        self.state.lock().once.push_back(script);
    }

    /// The mails that it got, in their order; also those that it did not say it took.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.state.lock().mails.clone()
    }

    /// All commands that it got, in clear and under TLS.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.state.lock().commands.clone()
    }

    /// How many conversations have begun.
    #[must_use]
    pub fn conversations(&self) -> usize {
        self.state.lock().conversations
    }

    /// The first mail, once it is there.
    pub async fn wait_for_mail(&self) -> ReceivedMail {
        self.wait_for_mails(1).await.remove(0)
    }

    /// All mails, once there are as many as this.
    pub async fn wait_for_mails(&self, count: usize) -> Vec<ReceivedMail> {
        self.wait_until(|kept| kept.mails.len() >= count).await;
        self.mails()
    }

    /// Waits until as many conversations as this have begun.
    pub async fn wait_for_conversations(&self, count: usize) {
        self.wait_until(|kept| kept.conversations >= count).await;
    }

    async fn wait_until(&self, is_so: impl Fn(&Kept) -> bool) {
        let waiting = async {
            loop {
                let arrived = self.state.arrived.notified();
                if is_so(&self.state.lock()) {
                    return;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.lock());
        self.arrived.notify_waiters();
    }

    /// The script of a conversation that begins.
    fn begin(&self) -> Script {
        let mut script = Script::new();
        self.change(|kept| {
            kept.conversations += 1;
            script = kept.once.pop_front().unwrap_or_else(|| kept.script.clone());
        });
        script
    }
}

/// Conversations end with the server: they are in its task's set.
async fn serve(
    listener: TcpListener,
    security: SmtpSecurity,
    identity: Identity,
    state: Arc<State>,
) {
    let mut conversations = tokio::task::JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let script = state.begin();
        let session = Session::new(Arc::clone(&state), script, security, identity.clone());
        // A client that goes away in the middle ends the conversation, and nothing else.
        conversations.spawn(async move { session.run(socket).await.unwrap_or_default() });
        while conversations.try_join_next().is_some() {}
    }
}
