//! Mails that tests read.

use std::sync::Arc;

use crate::mail::{KeptMail, Links, MailConfig, Mailer, Templates};

/// How mail is sent by `mailer` in tests: in the name of "Example", with links below
/// `https://example.com`.
///
/// ```
/// use std::sync::Arc;
/// use doorward::{KeptMails, SystemClock, testing};
///
/// let mails = KeptMails::new(Arc::new(SystemClock));
/// let config = testing::mail_config(Arc::new(mails));
/// assert!(config.notices.password_changed);
/// ```
#[expect(clippy::expect_used, reason = "the URL stands three words further")]
pub fn mail_config(mailer: Arc<dyn Mailer>) -> MailConfig {
    let links = Links::new("https://example.com").expect("a URL of a page");
    MailConfig::new(mailer, Templates::new("Example"), links)
}

/// The token in a mail's link.
///
/// It is found after `token=`, where links have it unless the app makes them otherwise.
///
/// # Panics
/// Where the mail has no such link.
#[expect(clippy::panic, reason = "a mail without a link fails the test")]
pub fn token_in(mail: &KeptMail) -> String {
    let Some((_, rest)) = mail.text.split_once("token=") else {
        panic!("there is no link in the mail {:?}", mail.subject);
    };
    let ends = |character: char| !(character.is_ascii_alphanumeric() || "_-".contains(character));
    rest.split(ends).next().unwrap_or_default().to_owned()
}
