//! The command line.

use clap::{Args, Parser, Subcommand};

/// Accounts, login, tokens and roles for applications: one server, no set-up.
///
/// Without a command it serves, on http://127.0.0.1:8000 and a SQLite file in this folder unless
/// PORT, HOST or DATABASE_URL say otherwise. Settings come from the environment, `.env` and
/// `doorward.toml`, in this order: `doorward config` shows what they are here, `doorward config
/// --reference` explains them all.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 bad settings; \
                  4 the database can't be used; 5 no such account or mail."
)]
pub(crate) struct Cli {
    /// What to do; `serve` where nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Answer in JSON, for scripts (`serve` and `openapi` take no notice).
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API until SIGTERM or Ctrl-C; a second signal stops at once.
    ///
    /// Brings the database's schema up to date first, and makes the first admin where
    /// there is none: FIRST_SUPERUSER_EMAIL with FIRST_SUPERUSER_PASSWORD, which in development
    /// is made at random and shown once. What it tells goes to standard output, its log to
    /// standard error.
    Serve,
    /// Bring the database's schema up to date, or tell how it stands.
    ///
    /// A server does so when it starts, and so does an application that embeds Doorward. Other
    /// commands refuse a schema that is not of their release.
    Migrate(Migrate),
    /// Manage accounts in the database, also while a server or an application runs on it.
    ///
    /// It takes no more than DATABASE_URL. Mails that tell of what was done also take the
    /// SECRET_KEY of that server or application, and without it there are none.
    #[command(subcommand)]
    Users(Users),
    /// See to mails that wait to be sent, or were given up.
    #[command(subcommand)]
    Mail(Mail),
    /// Show every setting, where it came from, and secrets masked.
    Config(Config),
    /// Print the OpenAPI document of the API.
    Openapi,
}

/// How to migrate.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Only tell which migrations were applied, and when.
    #[arg(long, conflicts_with = "to")]
    pub(crate) status: bool,
    /// Apply migrations up to this version and no further. Nothing is ever undone.
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<i64>,
}

/// What of the settings to show.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// Print the reference of all settings instead, in Markdown.
    #[arg(long)]
    pub(crate) reference: bool,
}

/// What to do with accounts. WHO is an e-mail address, a username or an id.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Make an account; the password is asked for, or read from standard input.
    ///
    /// Where there is no database yet, it makes one.
    ///
    /// At a terminal it is asked for twice, without echo. Otherwise all of standard input is
    /// the password, less the line break at its end.
    #[command(
        after_help = "Example: doorward users create --email ada@example.com --role admin < password"
    )]
    Create(CreateUser),
    /// List accounts, in the order in which they were made.
    List(ListUsers),
    /// Show an account.
    Show(Who),
    /// Add a role to an account, at once.
    Promote(WhoAndRole),
    /// Take a role from an account, at once.
    Demote(WhoAndRole),
    /// Give an account a new password; all its sessions end.
    ///
    /// At a terminal it is asked for twice, without echo. Otherwise all of standard input is
    /// the password, less the line break at its end.
    SetPassword(Who),
    /// Let a deactivated account be used again.
    Activate(Who),
    /// Keep an account from being used; all its sessions end at once.
    Deactivate(Who),
    /// Let logins of an account in again that are locked after too many failures.
    Unlock(Who),
    /// Delete an account with all that belongs to it.
    Delete(DeleteUser),
}

/// What to do with mails. A server on the same database sends them.
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// List mails in the outbox, the oldest first: those that wait, and those given up.
    ///
    /// What was sent is not there any more. Addresses and texts are encrypted, and not shown.
    List(ListMail),
    /// Have mails tried at once, also those that were given up.
    Retry(RetryMail),
}

/// Which mails to list.
#[derive(Debug, Args)]
pub(crate) struct ListMail {
    /// Only those that were given up.
    #[arg(long)]
    pub(crate) dead: bool,
    /// How many at the most.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
}

/// Which mails to try again.
#[derive(Debug, Args)]
pub(crate) struct RetryMail {
    /// The mail, as `doorward mail list` names it.
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) id: Option<String>,
    /// All that were given up.
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
}

/// An account.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// The account: an e-mail address, a username or an id.
    #[arg(value_name = "WHO")]
    pub(crate) who: String,
}

/// An account and a role.
#[derive(Debug, Args)]
pub(crate) struct WhoAndRole {
    /// The account: an e-mail address, a username or an id.
    #[arg(value_name = "WHO")]
    pub(crate) who: String,
    /// The role: admin, moderator, user, guest, or one that an admin or an application has
    /// defined.
    #[arg(value_name = "ROLE")]
    pub(crate) role: String,
}

/// An account to delete.
#[derive(Debug, Args)]
pub(crate) struct DeleteUser {
    /// The account: an e-mail address, a username or an id.
    #[arg(value_name = "WHO")]
    pub(crate) who: String,
    /// Do not ask whether this is really meant.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// An account to make.
#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The e-mail address. Needed unless REGISTRATION_REQUIRES says otherwise.
    #[arg(long, required_unless_present = "username")]
    pub(crate) email: Option<String>,
    /// The name to log in with.
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// What the person is called.
    #[arg(long)]
    pub(crate) full_name: Option<String>,
    /// A role: admin, moderator, user, guest, or one that an admin or an application has defined;
    /// may be given several times.
    #[arg(long = "role", value_name = "ROLE", default_value = "user")]
    pub(crate) roles: Vec<String>,
    /// Let the e-mail address count as verified.
    #[arg(long)]
    pub(crate) verified: bool,
}

/// Which accounts to list.
#[derive(Debug, Args)]
pub(crate) struct ListUsers {
    /// Only those with this role.
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// Only those with this text in the e-mail address, the username or the full name.
    #[arg(long)]
    pub(crate) search: Option<String>,
    /// Only those that may be used (true) or are deactivated (false).
    #[arg(long, value_name = "BOOL")]
    pub(crate) active: Option<bool>,
    /// How many at the most.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
}
