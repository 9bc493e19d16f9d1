//! What tests pass to an engine, and read from its mail.

use std::sync::Arc;

use crate::domain::authz::PermissionMarker;
use crate::domain::caller::{Caller, Permitted};
use crate::domain::origin::Origin;
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

/// Somebody who is not logged in, from nowhere in particular.
///
/// ```
/// assert_eq!(doorward::testing::anonymous().user_id(), None);
/// ```
pub fn anonymous() -> Caller {
    Caller::anonymous(Origin::default())
}

/// The proof that whoever runs the software may do `P`, as they may do everything.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::UsersCount;
/// use doorward::testing::{TestDoorward, operator};
///
/// let auth = TestDoorward::start().await;
/// auth.add_user("anna@example.com", ["user"]).await;
/// assert_eq!(auth.count_users(&operator::<UsersCount>()).await?.total, 1);
/// # Ok(())
/// # }
/// ```
pub fn operator<P: PermissionMarker>() -> Permitted<P> {
    Permitted::operator()
}
