//! Mails that are kept instead of sent.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::{Mailer, OutgoingMail, Sending};
use crate::domain::clock::{Clock, Timestamp};

/// How many mails are kept.
const KEPT: usize = 200;

/// Keeps the last 200 mails in memory instead of sending them: for development and tests.
///
/// ```
/// use std::sync::Arc;
/// use doorward::{KeptMails, Mailer, OutgoingMail, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mails = KeptMails::new(Arc::new(SystemClock));
/// let mail = OutgoingMail {
///     id: uuid::Uuid::from_u128(1),
///     to: "anna@example.com".to_owned(),
///     subject: "Hello".to_owned(),
///     text: "Good morning.".to_owned(),
///     html: None,
/// };
/// mails.send(&mail).await?;
/// assert_eq!(mails.list()[0].subject, "Hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeptMails {
    clock: Arc<dyn Clock>,
    mails: Arc<Mutex<VecDeque<KeptMail>>>,
}

/// A mail that was kept. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptMail {
    /// The mail's id.
    pub id: Uuid,
    /// When it was sent, were it sent.
    pub kept_at: Timestamp,
    /// To whom.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, where there is one.
    pub html: Option<String>,
}

impl KeptMails {
    /// None yet. Clones share what they keep.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mails = Arc::default();
        Self { clock, mails }
    }

    /// All that are kept, the newest first.
    #[must_use]
    pub fn list(&self) -> Vec<KeptMail> {
        self.lock().iter().rev().cloned().collect()
    }

    /// The mail of this id, while it is kept.
    #[must_use]
    pub fn find(&self, id: Uuid) -> Option<KeptMail> {
        self.lock().iter().find(|mail| mail.id == id).cloned()
    }

    fn keep(&self, mail: &OutgoingMail) {
        let kept = KeptMail {
            id: mail.id,
            kept_at: self.clock.now(),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
        };
        let mut mails = self.lock();
        // A mail that is sent again is still one mail.
        mails.retain(|other| other.id != kept.id);
        if mails.len() == KEPT {
            mails.pop_front();
        }
        mails.push_back(kept);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<KeptMail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for KeptMails {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async move {
            self.keep(mail);
            Ok(())
        })
    }
}

impl fmt::Debug for KeptMails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeptMails(..)")
    }
}

impl fmt::Debug for KeptMail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("KeptMail");
        shown.field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(43_200_000)
        }
    }

    fn mail(number: u128) -> OutgoingMail {
        OutgoingMail {
            id: Uuid::from_u128(number),
            to: "anna@example.com".to_owned(),
            subject: format!("Number {number}"),
            text: "Good morning.".to_owned(),
            html: None,
        }
    }

    #[tokio::test]
    async fn the_last_two_hundred_are_kept_newest_first() {
        let mails = KeptMails::new(Arc::new(Noon));
        for number in 0..205 {
            mails.send(&mail(number)).await.unwrap();
        }
        let kept = mails.list();
        assert_eq!(kept.len(), 200);
        assert_eq!(kept[0].subject, "Number 204");
        assert_eq!(kept[199].subject, "Number 5");
        assert_eq!(mails.find(Uuid::from_u128(4)), None);
        let found = mails.find(Uuid::from_u128(5)).unwrap();
        assert_eq!(found.kept_at, Timestamp::from_millis(43_200_000));
    }

    #[tokio::test]
    async fn a_mail_that_is_sent_again_is_kept_once() {
        let mails = KeptMails::new(Arc::new(Noon));
        for number in [1, 2, 1] {
            mails.send(&mail(number)).await.unwrap();
        }
        assert_eq!(mails.list().len(), 2);
    }

    #[tokio::test]
    async fn debug_shows_nothing_personal() {
        let mails = KeptMails::new(Arc::new(Noon));
        mails.send(&mail(1)).await.unwrap();
        let shown = format!("{mails:?} {:?} {:?}", mails.list(), mail(1));
        assert!(
            !shown.contains("anna") && !shown.contains("Number"),
            "{shown}"
        );
    }
}
