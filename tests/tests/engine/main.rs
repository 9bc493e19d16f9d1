//! The rules of the engine, on a database in memory and with a clock that the test moves.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod app_roles;
mod audit;
mod authenticate;
mod breaches;
mod builder;
mod cache_coherence;
mod captcha;
mod delete;
mod embedded_transaction;
mod export;
mod hash_upgrade;
mod hooks;
mod last_admin;
mod limits;
mod list_users;
mod lockout;
mod login;
mod moved_accounts;
mod notices;
mod outbox;
mod password_change;
mod password_policy;
mod recovery;
mod refresh;
mod refresh_family;
mod registration;
mod registration_by_mail;
mod retention;
mod roles;
mod sessions;
mod statistics;
mod test_kit;
mod token_subject;
mod update_user;
mod update_user_rights;
mod verification;
