//! One conversation, from the server's side (RFC 5321).

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward::SmtpSecurity;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::State;
use super::mail::ReceivedMail;
use super::script::{Act, Script, Step};
use super::tls::Identity;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Connection = BufReader<Box<dyn Stream>>;

pub(super) struct Session {
    state: Arc<State>,
    script: Script,
    security: SmtpSecurity,
    identity: Identity,
    is_encrypted: bool,
    user: Option<String>,
    from: String,
    to: Vec<String>,
}

/// Whether the usual reply is still to be given.
#[derive(PartialEq, Eq)]
enum Turn {
    Usual,
    Said,
    Over,
}

impl Session {
    pub(super) fn new(
        state: Arc<State>,
        script: Script,
        security: SmtpSecurity,
        identity: Identity,
    ) -> Self {
        Self {
            state,
            script,
            security,
            identity,
            is_encrypted: false,
            user: None,
            from: String::new(),
            to: Vec::new(),
        }
    }

    pub(super) async fn run(mut self, socket: TcpStream) -> io::Result<()> {
        let mut stream: Box<dyn Stream> = Box::new(socket);
        if self.security == SmtpSecurity::ImplicitTls {
            stream = Box::new(self.identity.accept(stream).await?);
            self.is_encrypted = true;
        }
        let mut connection = BufReader::new(stream);
        let is_greeted = self
            .take_turn(&mut connection, Step::Greeting, "220 sink ready")
            .await?;
        if !is_greeted {
            return Ok(());
        }
        while let Some(command) = read_line(&mut connection).await? {
            self.state
                .change(|kept| kept.commands.push(command.clone()));
            let verb = command.split(' ').next().unwrap().to_ascii_uppercase();
            let goes_on = match verb.as_str() {
                "STARTTLS" => {
                    if !self
                        .take_turn(&mut connection, Step::StartTls, "220 go ahead")
                        .await?
                    {
                        return Ok(());
                    }
                    let clear = connection.into_inner();
                    connection = BufReader::new(Box::new(self.identity.accept(clear).await?));
                    self.is_encrypted = true;
                    true
                }
                "DATA" => self.take_mail(&mut connection).await?,
                "AUTH" => self.check_login(&mut connection, &command).await?,
                _ => self.answer(&mut connection, &verb, &command).await?,
            };
            if !goes_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The commands that have one reply.
    async fn answer(
        &mut self,
        connection: &mut Connection,
        verb: &str,
        command: &str,
    ) -> io::Result<bool> {
        let path = || {
            let path = command.split(['<', '>']).nth(1).unwrap_or_default();
            path.to_owned()
        };
        let is_refused = self.script.credentials().is_some() && self.user.is_none();
        match verb {
            "EHLO" => {
                let reply = self.capabilities();
                self.take_turn(connection, Step::Ehlo, &reply).await
            }
            "MAIL" if is_refused => say(connection, "530 5.7.0 log in first").await,
            "MAIL" => {
                self.from = path();
                self.to.clear();
                self.take_turn(connection, Step::Mail, "250 2.1.0 sender ok")
                    .await
            }
            "RCPT" => {
                self.to.push(path());
                self.take_turn(connection, Step::Rcpt, "250 2.1.5 recipient ok")
                    .await
            }
            "NOOP" | "RSET" => say(connection, "250 2.0.0 ok").await,
            "QUIT" => {
                self.take_turn(connection, Step::Quit, "221 2.0.0 bye")
                    .await?;
                Ok(false)
            }
            _ => say(connection, "502 5.5.1 not here").await,
        }
    }

    fn capabilities(&self) -> String {
        let mut lines = vec!["sink".to_owned(), "8BITMIME".to_owned()];
        let may_upgrade = self.security == SmtpSecurity::StartTls && !self.is_encrypted;
        if may_upgrade && self.script.offers_starttls() {
            lines.push("STARTTLS".to_owned());
        }
        if self.script.credentials().is_some() {
            lines.push(format!("AUTH {}", self.script.mechanisms()));
        }
        let last = lines.pop().unwrap();
        let first: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{first}250 {last}")
    }

    /// RFC 4954 §4, the mechanisms PLAIN and LOGIN.
    async fn check_login(
        &mut self,
        connection: &mut Connection,
        command: &str,
    ) -> io::Result<bool> {
        let mut words = command.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default();
        let (user, password) = if mechanism == "PLAIN" {
            let answer = match words.next() {
                Some(initial) => decode(initial),
                None => ask(connection, "334 ").await?,
            };
            let mut parts = answer.split('\0').skip(1).map(str::to_owned);
            (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            )
        } else {
            let user = ask(connection, "334 VXNlcm5hbWU6").await?;
            (user, ask(connection, "334 UGFzc3dvcmQ6").await?)
        };
        if self.script.credentials() == Some((&user, &password)) {
            self.user = Some(user);
            return self
                .take_turn(connection, Step::Auth, "235 2.7.0 welcome")
                .await;
        }
        say(connection, "535 5.7.8 who are you").await
    }

    async fn take_mail(&mut self, connection: &mut Connection) -> io::Result<bool> {
        match self.act(connection, Step::Data).await? {
            Turn::Usual => say(connection, "354 go ahead").await?,
            Turn::Said => return Ok(true),
            Turn::Over => return Ok(false),
        };
        let mut raw = String::new();
        loop {
            let Some(line) = read_line(connection).await? else {
                return Ok(false);
            };
            if line == "." {
                break;
            }
            // RFC 5321 §4.5.2.
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push_str("\r\n");
        }
        let is_taken = match self.script.act(Step::Message) {
            Some(Act::Reply(reply)) => reply.starts_with("250"),
            _ => true,
        };
        if is_taken {
            self.keep(raw);
        }
        self.take_turn(connection, Step::Message, "250 2.0.0 taken")
            .await
    }

    fn keep(&mut self, raw: String) {
        let mail = ReceivedMail {
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            is_encrypted: self.is_encrypted,
            user: self.user.clone(),
            raw,
        };
        self.state.change(|kept| kept.mails.push(mail));
    }

    /// Does what the script says, else gives the usual reply. Whether the conversation goes
    /// on.
    async fn take_turn(
        &self,
        connection: &mut Connection,
        step: Step,
        usual: &str,
    ) -> io::Result<bool> {
        match self.act(connection, step).await? {
            Turn::Usual => say(connection, usual).await,
            Turn::Said => Ok(true),
            Turn::Over => Ok(false),
        }
    }

    async fn act(&self, connection: &mut Connection, step: Step) -> io::Result<Turn> {
        match self.script.act(step) {
            None => Ok(Turn::Usual),
            Some(Act::Reply(lines)) => {
                say(connection, lines).await?;
                Ok(Turn::Said)
            }
            Some(Act::Break) => Ok(Turn::Over),
            Some(Act::Stall) => {
                // Until the client has had enough.
                while read_line(connection).await?.is_some() {}
                Ok(Turn::Over)
            }
        }
    }
}

async fn say(connection: &mut Connection, lines: &str) -> io::Result<bool> {
    connection
        .write_all(format!("{lines}\r\n").as_bytes())
        .await?;
    connection.flush().await?;
    Ok(true)
}

async fn ask(connection: &mut Connection, question: &str) -> io::Result<String> {
    say(connection, question).await?;
    Ok(decode(&read_line(connection).await?.unwrap_or_default()))
}

/// The next line without its end, `None` at the end of the connection.
async fn read_line(connection: &mut Connection) -> io::Result<Option<String>> {
    let mut line = String::new();
    if connection.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn decode(base64: &str) -> String {
    String::from_utf8(STANDARD.decode(base64).unwrap_or_default()).unwrap_or_default()
}
