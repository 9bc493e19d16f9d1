//! What is counted for operators, with the facade of the crate `metrics`.
//!
//! Nothing is kept unless the program installs a recorder. No label holds an id, a name or an
//! address: their values are the words below, and no others.

use metrics::{Counter, counter, describe_counter};

const LOGINS: &str = "doorward_logins_total";
const LOCKOUTS: &str = "doorward_lockouts_total";
const MAILS: &str = "doorward_mails_total";

/// What an attempt to log in came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LoginLabel {
    Ok,
    Wrong,
    Inactive,
    Locked,
    Throttled,
    Captcha,
    Failed,
}

impl LoginLabel {
    const ALL: [Self; 7] = [
        Self::Ok,
        Self::Wrong,
        Self::Inactive,
        Self::Locked,
        Self::Throttled,
        Self::Captcha,
        Self::Failed,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wrong => "wrong",
            Self::Inactive => "inactive",
            Self::Locked => "locked",
            Self::Throttled => "throttled",
            Self::Captcha => "captcha",
            Self::Failed => "failed",
        }
    }
}

/// What an attempt to send a mail came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MailOutcome {
    Sent,
    Postponed,
    GivenUp,
}

/// Describes to the installed recorder what engines count, and lets every count begin at zero.
///
/// `doorward_logins_total` and `doorward_mails_total` have a label `outcome`;
/// `doorward_lockouts_total` has none. Engines of one process are counted together. Does nothing
/// without a recorder of the crate `metrics`.
pub fn describe_metrics() {
    describe_counter!(
        LOGINS,
        "Attempts to log in by password, by what they came to."
    );
    describe_counter!(
        LOCKOUTS,
        "Times that logins of an account, or of a name that nobody has, were locked."
    );
    describe_counter!(MAILS, "Attempts to send a mail, by what they came to.");
    LoginLabel::ALL
        .into_iter()
        .for_each(|outcome| logins(outcome).increment(0));
    for outcome in [
        MailOutcome::Sent,
        MailOutcome::Postponed,
        MailOutcome::GivenUp,
    ] {
        mails(outcome).increment(0);
    }
    counter!(LOCKOUTS).increment(0);
}

/// Counts an attempt to log in.
pub(crate) fn count_login(label: LoginLabel) {
    logins(label).increment(1);
}

pub(crate) fn count_lockout() {
    counter!(LOCKOUTS).increment(1);
}

pub(crate) fn count_mail(outcome: MailOutcome) {
    mails(outcome).increment(1);
}

fn logins(label: LoginLabel) -> Counter {
    counter!(LOGINS, "outcome" => label.as_str())
}

fn mails(outcome: MailOutcome) -> Counter {
    let outcome = match outcome {
        MailOutcome::Sent => "sent",
        MailOutcome::Postponed => "postponed",
        MailOutcome::GivenUp => "given_up",
    };
    counter!(MAILS, "outcome" => outcome)
}
