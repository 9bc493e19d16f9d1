//! What the server does otherwise than a good one.

use std::collections::HashMap;

/// Where in a conversation something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Before the greeting.
    Greeting,
    /// At `EHLO`, each time.
    Ehlo,
    /// At `STARTTLS`.
    StartTls,
    /// At `AUTH`.
    Auth,
    /// At `MAIL`.
    Mail,
    /// At `RCPT`.
    Rcpt,
    /// At `DATA`, before the mail.
    Data,
    /// After the dot that ends the mail, before the reply.
    Message,
    /// At `QUIT`.
    Quit,
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// These lines are said in place of the usual ones. At [`Step::Message`] with a code that
    /// is not `250`, the mail is not kept.
    Reply(&'static str),
    /// Nothing more is said, and the connection stays open. At [`Step::Message`] the mail is
    /// kept.
    Stall,
    /// The connection is closed. At [`Step::Message`] the mail is kept.
    Break,
}

/// What a server does. The new one takes every mail from everybody.
#[derive(Clone, Debug, Default)]
pub struct Script {
    acts: HashMap<Step, Act>,
    credentials: Option<(String, String)>,
    mechanisms: Option<&'static str>,
    is_without_starttls: bool,
}

impl Script {
    /// A good server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does this at this step.
    #[must_use]
    pub fn at(mut self, step: Step, act: Act) -> Self {
        self.acts.insert(step, act);
        self
    }

    /// Takes mails from this user alone, by `AUTH PLAIN` or `AUTH LOGIN`.
    #[must_use]
    pub fn requiring_auth(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Offers these mechanisms of authentication, and no others.
    #[must_use]
    pub fn offering(mut self, mechanisms: &'static str) -> Self {
        self.mechanisms = Some(mechanisms);
        self
    }

    /// Does not offer `STARTTLS`.
    #[must_use]
    pub fn without_starttls(mut self) -> Self {
        self.is_without_starttls = true;
        self
    }

    pub(super) fn act(&self, step: Step) -> Option<Act> {
        self.acts.get(&step).copied()
    }

    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        let credentials = self.credentials.as_ref();
        credentials.map(|(user, password)| (user.as_str(), password.as_str()))
    }

    pub(super) fn mechanisms(&self) -> &'static str {
        self.mechanisms.unwrap_or("PLAIN LOGIN")
    }

    pub(super) fn offers_starttls(&self) -> bool {
        !self.is_without_starttls
    }
}
