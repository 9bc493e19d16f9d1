//! Every setting, one row each: the one place to add one.
//!
//! A row reads: field, type, how its text is read, its name (`or` its second name), its default,
//! and how `doorward config` shows it. The comment above it is its entry in the reference.

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward::{CharacterKind, DatabaseUrl, EmailAddress, RangeQuery, Rate};
use doorward_axum::SameSite;
use ipnet::IpNet;

use super::read::Reader;
use super::report::ReportLine;
use super::row::{DefaultText, Row, Shown, declare_settings};
use super::values::choice::{
    BreachCheck, CaptchaProvider, Environment, LogFormat, RegistrationRequires, SmtpSecurity,
};
use super::values::number::{
    days, days_or_for_ever, hours, milliseconds, minutes, rate, recycle, seconds, whole,
};
use super::values::text::{self, Secret, list, optional};
use super::values::{choice, network};

use DefaultText::{Depends, Fixed};
use Shown::{Plain, Secret as Hidden, Url};

declare_settings! {
    /// How the service calls itself in the API's documentation and in messages.
    project_name: String = text::line(100), "PROJECT_NAME" or "APP_NAME", Fixed("Doorward"), Plain;

    /// The version that the health answer and the API's documentation name.
    version: String = text::line(100),
        "VERSION" or "APP_VERSION", Fixed(env!("CARGO_PKG_VERSION")), Plain;

    /// What every path of the API begins with. Starts with `/`, does not end with it.
    api_prefix: String = network::api_prefix,
        "API_V1_STR" or "API_V1_PREFIX", Fixed("/api/v1"), Plain;

    /// `development` makes missing secrets by itself; `production` insists on safe ones. A
    /// loopback `HOST` is `localhost`, `127.0.0.1` or `::1`.
    environment: Environment = choice::environment, "ENVIRONMENT",
        Depends("`development` without `SECRET_KEY` on a loopback `HOST`, else `production`"),
        Plain;

    /// The address or host name to listen on.
    host: String = network::host, "HOST", Fixed("127.0.0.1"), Plain;

    /// The TCP port to listen on; 0 lets the system choose a free one.
    port: u16 = whole(0..=65_535), "PORT", Fixed("8000"), Plain;

    /// The addresses and networks (`10.0.0.0/8`) of reverse proxies whose `Forwarded` and
    /// `X-Forwarded-For` are believed. A JSON list, or separated by commas.
    trusted_proxies: Vec<IpNet> = list(network::proxy), "TRUSTED_PROXIES", Fixed(""), Plain;

    /// The web origins that browsers may call the API from, with credentials. A JSON list, or
    /// separated by commas; `[]` for none. "This machine" is `http://localhost` and
    /// `http://127.0.0.1`.
    cors_origins: Vec<String> = list(network::origin), "BACKEND_CORS_ORIGINS" or "ALLOWED_ORIGINS",
        Depends("in development ports 3000, 5173, 8000 and 8080 of this machine; in production none"),
        Plain;

    /// Whether login, refresh and logout also set and clear cookies for browser apps of this
    /// origin and of `BACKEND_CORS_ORIGINS`, and requests may have the access token in one.
    auth_cookies: bool = choice::boolean, "AUTH_COOKIES", Fixed("false"), Plain;

    /// With which requests from pages of other sites browsers send those cookies: with none
    /// (`strict`), or when somebody follows a link (`lax`).
    auth_cookie_same_site: SameSite = choice::same_site,
        "AUTH_COOKIE_SAMESITE", Fixed("strict"), Plain;

    /// Where the data is: `sqlite:///./app.db` (relative), `sqlite:////srv/app.db` (absolute),
    /// `sqlite://` (in memory), `postgresql://user:password@host/name`. SQLAlchemy's
    /// `+asyncpg`, `+psycopg2`, `+aiosqlite` and the like are understood and left out.
    database: DatabaseUrl = network::database_url,
        "DATABASE_URL", Fixed("sqlite:///./app.db"), Url;

    /// Connections to PostgreSQL; with `DB_MAX_OVERFLOW`, the most that are open at once.
    db_pool_size: u32 = whole(1..=1000), "DB_POOL_SIZE", Fixed("5"), Plain;

    /// Connections to PostgreSQL beyond `DB_POOL_SIZE`.
    db_max_overflow: u32 = whole(0..=1000), "DB_MAX_OVERFLOW", Fixed("10"), Plain;

    /// Seconds that a request waits for a connection to PostgreSQL before it is refused; more than
    /// 4 count as 4.
    db_pool_timeout: Duration = seconds(1..=3600), "DB_POOL_TIMEOUT", Fixed("30"), Plain;

    /// Seconds after which a connection to PostgreSQL is replaced by a new one; -1 for never.
    db_pool_recycle: Option<Duration> = recycle, "DB_POOL_RECYCLE", Fixed("3600"), Plain;

    /// Whether the log names every database statement that runs (never its values).
    database_echo: bool = choice::boolean, "DATABASE_ECHO", Fixed("false"), Plain;

    /// The folder of secrets that the server makes for itself.
    data_dir: PathBuf = text::path,
        "DATA_DIR", Depends("the folder of the SQLite file, else `./doorward-data`"), Plain;

    /// The key that signs access tokens, as it is: another service with the same key can verify
    /// them. At least 32 bytes in production, for example from `openssl rand -hex 32`; in
    /// development a server makes a missing one once and keeps it in `DATA_DIR`. Commands make
    /// none, and without it write no mail.
    secret_key: Option<Secret> = optional(text::secret), "SECRET_KEY", Fixed(""), Hidden;

    /// Keys that `SECRET_KEY` replaced. A JSON list, or separated by commas. They verify tokens and
    /// decrypt stored data, and never sign or encrypt, so that a change of `SECRET_KEY` logs no user
    /// out and loses no mail. Needed until the tokens that they signed have expired. Leave out a key
    /// that another person may know: with it, tokens can be forged.
    secret_key_previous: Vec<Secret> = list(text::secret),
        "SECRET_KEY_PREVIOUS", Fixed(""), Hidden;

    /// The algorithm that signs access tokens. This release has `HS256`.
    algorithm: choice::Algorithm = choice::algorithm, "ALGORITHM", Fixed("HS256"), Plain;

    /// Minutes that an access token is good for.
    access_token_ttl: Duration = minutes(1..=525_600),
        "ACCESS_TOKEN_EXPIRE_MINUTES", Fixed("30"), Plain;

    /// Days that a session lives without being used.
    refresh_token_ttl: Duration = days(1..=3650), "REFRESH_TOKEN_EXPIRE_DAYS", Fixed("7"), Plain;

    /// Days after which a session ends, however often it is refreshed.
    session_max_age: Duration = days(1..=3650), "SESSION_MAX_DAYS", Fixed("30"), Plain;

    /// The largest number of live sessions of an account. A login beyond it ends the oldest one.
    sessions_per_account: u32 = whole(1..=10_000), "SESSIONS_PER_ACCOUNT", Fixed("100"), Plain;

    /// Seconds in which the previous refresh token, presented again, gets the same successor;
    /// 0 makes every second use end the session.
    refresh_retry: Duration = seconds(0..=300), "REFRESH_RETRY_SECONDS", Fixed("10"), Plain;

    /// The `iss` claim of every token.
    issuer: String = text::line(255), "ISSUER", Fixed("doorward"), Plain;

    /// The `aud` claim of access tokens; without it they have none.
    audience: Option<String> = optional(text::line(255)), "AUDIENCE", Fixed(""), Plain;

    /// What a new account must give: `email`, `username`, `both` or `either`.
    registration_requires: RegistrationRequires = choice::registration_requires,
        "REGISTRATION_REQUIRES", Fixed("email"), Plain;

    /// The roles that a person may choose at registration. A JSON list, or separated by commas;
    /// `[]` for none.
    self_assignable_roles: Vec<String> = list(text::role),
        "SELF_ASSIGNABLE_ROLES", Fixed("user"), Plain;

    /// Characters that a password must have.
    password_min_length: usize = whole(8..=128), "PASSWORD_MIN_LENGTH", Fixed("8"), Plain;

    /// Kinds of characters that every password must have: `lower`, `upper`, `digit` and `symbol`.
    /// A JSON list, or separated by commas. They make passwords weaker more often than stronger.
    password_require: Vec<CharacterKind> = list(choice::character_kind),
        "PASSWORD_REQUIRE", Fixed(""), Plain;

    /// How hard to guess every password must be, as zxcvbn scores it: 0 (not looked at) to 4 (not
    /// guessed in years).
    password_min_score: u8 = whole(0..=4), "PASSWORD_MIN_SCORE", Fixed("0"), Plain;

    /// Whether new passwords are looked for in data breaches: `off`, `online` (a service is told
    /// the first five of forty digits of the password's hash) or `file`. Where it can't be told,
    /// the password is taken, and the audit trail says so.
    password_breach_check: BreachCheck = choice::breach_check,
        "PASSWORD_BREACH_CHECK", Fixed("off"), Plain;

    /// The service that is asked: that of Have I Been Pwned, or one that answers like it. An
    /// `https` URL, or an `http` one of this machine.
    password_breach_url: String = text::line(2000),
        "PASSWORD_BREACH_URL", Fixed(RangeQuery::HAVE_I_BEEN_PWNED), Plain;

    /// The file that is searched: lines of a SHA-1, a colon and a count, in the order of the
    /// hashes, as the downloader of Have I Been Pwned writes them.
    password_breach_file: Option<PathBuf> = optional(text::path),
        "PASSWORD_BREACH_FILE", Fixed(""), Plain;

    /// Memory of one argon2id hash, in KiB; at least 7168 in production.
    password_hash_memory_kib: u32 = whole(8..=4_194_304),
        "PASSWORD_HASH_MEMORY_KIB", Fixed("19456"), Plain;

    /// Passes of one argon2id hash over its memory.
    password_hash_iterations: u32 = whole(1..=1000), "PASSWORD_HASH_ITERATIONS", Fixed("2"), Plain;

    /// Lanes of one argon2id hash.
    password_hash_parallelism: u32 = whole(1..=64), "PASSWORD_HASH_PARALLELISM", Fixed("1"), Plain;

    /// Hashes that are computed at the same time.
    password_hash_threads: usize = whole(1..=1024),
        "PASSWORD_HASH_THREADS", Depends("the number of processor cores"), Plain;

    /// Whether login and registration ask for a captcha after some failures.
    captcha_enabled: bool = choice::boolean, "CAPTCHA_ENABLED", Fixed("false"), Plain;

    /// Who makes captchas: `proof_of_work` (the server itself), `hcaptcha`, `turnstile` or
    /// `recaptcha`.
    captcha_provider: CaptchaProvider = choice::captcha_provider,
        "CAPTCHA_PROVIDER", Fixed("proof_of_work"), Plain;

    /// The public key of the site, from hCaptcha, Turnstile or reCAPTCHA.
    captcha_site_key: Option<String> = optional(text::line(255)),
        "CAPTCHA_SITE_KEY", Fixed(""), Plain;

    /// The secret key that belongs to `CAPTCHA_SITE_KEY`.
    captcha_secret: Option<Secret> = optional(text::secret), "CAPTCHA_SECRET", Fixed(""), Hidden;

    /// Where captchas are verified: an `https` URL, or an `http` one of this machine.
    captcha_verify_url: Option<String> = optional(text::line(2000)),
        "CAPTCHA_VERIFY_URL", Depends("the address of the provider"), Url;

    /// The host name that captchas must have been solved on; any if it is not set.
    captcha_hostname: Option<String> = optional(network::host),
        "CAPTCHA_HOSTNAME", Fixed(""), Plain;

    /// Failures after which a captcha is asked for: of an account in a row, or of a network within
    /// an hour, where a registration counts as one. 0 asks always.
    captcha_after_failures: u32 = whole(0..=1_000_000), "CAPTCHA_AFTER_FAILURES", Fixed("3"), Plain;

    /// Zero bits that a proof of work begins with; each more doubles the work of the client.
    captcha_difficulty: u8 = whole(1..=28), "CAPTCHA_DIFFICULTY", Fixed("17"), Plain;

    /// The mail server. Without it, mails are kept and shown at `/dev/mail` in development, and
    /// none are sent in production.
    smtp_host: Option<String> = optional(network::host), "SMTP_HOST", Fixed(""), Plain;

    /// The port of the mail server.
    smtp_port: u16 = whole(1..=65_535), "SMTP_PORT",
        Depends("587 with `starttls`, 465 with `tls`, 25 with `none`"), Plain;

    /// The account at the mail server. In development, while it is empty and the port is 587 or
    /// 465, a mail server elsewhere counts as not filled in yet, and mails are kept.
    smtp_user: Option<String> = optional(text::line(255)), "SMTP_USER", Fixed(""), Plain;

    /// The password of `SMTP_USER`.
    smtp_password: Option<Secret> = optional(text::secret), "SMTP_PASSWORD", Fixed(""), Hidden;

    /// How the connection to the mail server is encrypted: `starttls` (it has to offer it), `tls`
    /// (from the first byte on) or `none`.
    smtp_security: SmtpSecurity = choice::smtp_security, "SMTP_SECURITY",
        Depends("`tls` on port 465, `none` on this machine unless the port is 587, else `starttls`"),
        Plain;

    /// The certificates, in PEM, of an authority of your own that the mail server's is signed by;
    /// `SMTP_CA_FILE` names the file that has them.
    smtp_ca: Option<String> = optional(text::certificates), "SMTP_CA", Fixed(""), Hidden;

    /// The sender's address of mails. Needed with `SMTP_HOST`.
    emails_from_email: Option<EmailAddress> = optional(text::address), "EMAILS_FROM_EMAIL",
        Depends("in development, with a mail server on this machine, `noreply@example.com`"),
        Plain;

    /// The sender's name of mails.
    emails_from_name: Option<String> = optional(text::line(100)),
        "EMAILS_FROM_NAME", Depends("`PROJECT_NAME`"), Plain;

    /// The address under which browsers reach the server, like `https://auth.example.com`: links in
    /// mails begin with it, and with nothing that a request says. In production needed with
    /// `SMTP_HOST`.
    public_url: Option<String> = optional(network::public_url), "PUBLIC_URL",
        Depends("in development `HOST` and `PORT`"), Plain;

    /// The page where a new password is chosen, with `{token}` where the token goes.
    password_reset_url: Option<String> = optional(network::link_template), "PASSWORD_RESET_URL",
        Depends("`/reset-password#token={token}` below `PUBLIC_URL`, a page of the server"), Plain;

    /// The page where an e-mail address is confirmed, with `{token}` where the token goes.
    email_verification_url: Option<String> = optional(network::link_template), "EMAIL_VERIFICATION_URL",
        Depends("`/verify-email#token={token}` below `PUBLIC_URL`, a page of the server"), Plain;

    /// A folder of templates that take the place of the built-in mails, in folders of their own for
    /// languages: `password_reset.txt`, `de/password_reset.html`.
    mail_templates_dir: Option<PathBuf> = optional(text::path),
        "MAIL_TEMPLATES_DIR", Fixed(""), Plain;

    /// Hours that a mailed link to choose a new password is good for.
    password_reset_ttl: Duration = hours(1..=168),
        "PASSWORD_RESET_TOKEN_EXPIRE_HOURS", Fixed("1"), Plain;

    /// Hours that a mailed link to confirm an e-mail address is good for.
    email_verification_ttl: Duration = hours(1..=720),
        "EMAIL_VERIFICATION_TOKEN_EXPIRE_HOURS", Fixed("24"), Plain;

    /// Whether an account may do nothing but manage itself before its e-mail address is verified.
    require_verified_email: bool = choice::boolean,
        "REQUIRE_VERIFIED_EMAIL", Fixed("false"), Plain;

    /// Whether the answer to a registration tells that an address or a username is taken. `false`
    /// needs mail, which then tells the rest.
    registration_reveals: bool = choice::boolean, "REGISTRATION_REVEALS", Fixed("true"), Plain;

    /// Failures in a row after which logins of an account are locked. From half of it on they have
    /// to wait, longer each time.
    lockout_threshold: u32 = whole(2..=100), "LOCKOUT_THRESHOLD", Fixed("10"), Plain;

    /// Minutes that such a lock lasts.
    lockout_duration: Duration = minutes(1..=1440), "LOCKOUT_MINUTES", Fixed("15"), Plain;

    /// Whether owners of accounts are told by mail that their password was changed.
    notify_password_changed: bool = choice::boolean,
        "NOTIFY_PASSWORD_CHANGED", Fixed("true"), Plain;

    /// Whether their former address is told that another one has taken its place.
    notify_email_changed: bool = choice::boolean, "NOTIFY_EMAIL_CHANGED", Fixed("true"), Plain;

    /// Whether they are told of a login from a device or a network that was not seen before.
    notify_new_login: bool = choice::boolean, "NOTIFY_NEW_LOGIN", Fixed("true"), Plain;

    /// Whether they are told that logins are locked after too many failures.
    notify_account_locked: bool = choice::boolean, "NOTIFY_ACCOUNT_LOCKED", Fixed("true"), Plain;

    /// Whether they are told that a refresh token was used twice, and its session was ended.
    notify_token_reused: bool = choice::boolean, "NOTIFY_TOKEN_REUSED", Fixed("true"), Plain;

    /// The e-mail address of the administrator that is made at the first start.
    first_superuser_email: String = text::email,
        "FIRST_SUPERUSER_EMAIL", Fixed("admin@example.com"), Plain;

    /// The password of that administrator. In development a missing one is made, kept in
    /// `DATA_DIR` and shown once; in production no administrator is made without it.
    first_superuser_password: Option<Secret> = optional(text::secret),
        "FIRST_SUPERUSER_PASSWORD", Fixed(""), Hidden;

    /// The username of that administrator.
    first_superuser_username: Option<String> = optional(text::line(50)),
        "FIRST_SUPERUSER_USERNAME",
        Depends("`admin` where `REGISTRATION_REQUIRES` asks for a username, else none"), Plain;

    /// The full name of that administrator.
    first_superuser_full_name: String = text::line(200),
        "FIRST_SUPERUSER_FULL_NAME", Fixed("Admin User"), Plain;

    /// Whether it is limited how often a client's network, and how often anybody for an account,
    /// may ask for what costs much or lets one guess. The network of an IPv6 address is its /64.
    rate_limit_enabled: bool = choice::boolean, "RATE_LIMIT_ENABLED", Fixed("true"), Plain;

    /// Logins, right or wrong: `5/minute`, `5 per minute`, `100/15minutes`, with `second`,
    /// `minute`, `hour` or `day`; `off` for any number. So are all limits written, and each holds
    /// for every network and for every account.
    rate_limit_login: Option<Rate> = rate, "RATE_LIMIT_LOGIN", Fixed("30/minute"), Plain;

    /// Exchanges of refresh tokens.
    rate_limit_refresh: Option<Rate> = rate, "RATE_LIMIT_REFRESH", Fixed("120/minute"), Plain;

    /// Registrations.
    rate_limit_registration: Option<Rate> = rate,
        "RATE_LIMIT_REGISTRATION", Fixed("10/minute"), Plain;

    /// Requests and confirmations of a password reset.
    rate_limit_reset: Option<Rate> = rate, "RATE_LIMIT_RESET", Fixed("10/minute"), Plain;

    /// Requests and confirmations of an e-mail verification.
    rate_limit_verification: Option<Rate> = rate,
        "RATE_LIMIT_VERIFICATION", Fixed("10/minute"), Plain;

    /// Checks of passwords that somebody thinks of choosing.
    rate_limit_password_check: Option<Rate> = rate,
        "RATE_LIMIT_PASSWORD_CHECK", Fixed("30/minute"), Plain;

    /// Mails to one account that others can cause.
    rate_limit_mail: Option<Rate> = rate, "RATE_LIMIT_MAIL", Fixed("5/hour"), Plain;

    /// Days that the audit trail is kept; 0 for ever.
    audit_retention: Option<Duration> = days_or_for_ever(36_500),
        "AUDIT_RETENTION_DAYS", Fixed("365"), Plain;

    /// Days that a session is kept after it ended; 0 deletes it within minutes.
    session_retention: Duration = days(0..=3650), "SESSION_RETENTION_DAYS", Fixed("1"), Plain;

    /// Days that a mail which could not be sent is kept after it was given up.
    mail_retention: Duration = days(0..=3650), "MAIL_RETENTION_DAYS", Fixed("30"), Plain;

    /// How much is logged: `trace`, `debug`, `info`, `warn`, `error`, `off`, one of Python's names
    /// (`WARNING`, `CRITICAL`), or a filter such as `info,doorward=debug`.
    log_filter: String = text::log_filter, "LOG_LEVEL", Fixed("info"), Plain;

    /// `text` for people, `json` for machines.
    log_format: LogFormat = choice::log_format, "LOG_FORMAT", Fixed("text"), Plain;

    /// Seconds from which a request is logged as slow.
    slow_request: Duration = milliseconds(0.0..=3600.0),
        "SLOW_REQUEST_SECONDS", Fixed("1.0"), Plain;

    /// Whether `/metrics` tells Prometheus how mail, logins and requests are doing. It holds no
    /// personal data, and whoever reaches the server may read it.
    metrics_enabled: bool = choice::boolean, "METRICS_ENABLED", Fixed("true"), Plain;
}

impl Settings {
    /// Lets relative paths start at `directory`.
    pub(super) fn resolve_paths(&mut self, directory: &Path) {
        let tidy = |path: &Path| directory.join(path).components().collect::<PathBuf>();
        self.data_dir = tidy(&self.data_dir);
        if let Some(path) = self.database.sqlite_file() {
            self.database = DatabaseUrl::sqlite(tidy(path));
        }
        self.mail_templates_dir = self.mail_templates_dir.as_deref().map(tidy);
        self.password_breach_file = self.password_breach_file.as_deref().map(tidy);
    }
}
