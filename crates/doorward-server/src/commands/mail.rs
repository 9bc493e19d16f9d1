//! `doorward mail …`

use doorward::{Doorward, MailId, MailInOutbox, MailRead, MailWrite, Timestamp};
use doorward_axum::rfc3339;
use serde_json::{Value, json};

use super::operator;
use crate::cli::{ListMail, Mail, RetryMail};
use crate::engine::{self, CommandEngine, FirstUse};
use crate::failure::CommandFailure;
use crate::output;
use crate::settings::Settings;

/// Shows the outbox, or has mails tried again.
pub(crate) async fn mail(
    settings: &Settings,
    command: Mail,
    as_json: bool,
) -> Result<(), CommandFailure> {
    // Sealed mails are not opened here, so that whether there is a secret does not matter.
    let CommandEngine { engine, .. } =
        engine::build_for_command(settings, FirstUse::Refused).await?;
    match command {
        Mail::List(wanted) => list(&engine, &wanted, as_json).await,
        Mail::Retry(RetryMail { id: Some(id), .. }) => retry(&engine, &id, as_json).await,
        Mail::Retry(RetryMail { id: None, .. }) => retry_all(&engine, as_json).await,
    }
}

async fn list(engine: &Doorward, wanted: &ListMail, as_json: bool) -> Result<(), CommandFailure> {
    let operator = operator::<MailRead>()?;
    // One more than is shown tells whether there are more.
    let asked = wanted.limit.saturating_add(1);
    let mut mails = engine.list_mail(&operator, wanted.dead, asked).await?;
    let shown = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let has_more = mails.len() > shown;
    mails.truncate(shown);
    if as_json {
        return output::json(&mails.iter().map(as_value).collect::<Vec<_>>());
    }
    mails.iter().for_each(|mail| output::line(summary(mail)));
    if has_more {
        output::note(format_args!("there are more; --limit is {}", wanted.limit));
    }
    Ok(())
}

async fn retry(engine: &Doorward, id: &str, as_json: bool) -> Result<(), CommandFailure> {
    let id: MailId = id
        .parse()
        .map_err(|error| CommandFailure::usage(format!("ID: {error}")))?;
    if engine.retry_mail(&operator::<MailWrite>()?, id).await? {
        return told(1, as_json);
    }
    Err(CommandFailure::not_found(
        "there is no such mail that waits: it was sent, or is being sent at this moment",
    ))
}

async fn retry_all(engine: &Doorward, as_json: bool) -> Result<(), CommandFailure> {
    let count = engine.retry_dead_mail(&operator::<MailWrite>()?).await?;
    told(count, as_json)
}

fn told(count: u64, as_json: bool) -> Result<(), CommandFailure> {
    if as_json {
        return output::json(&json!({"retried": count}));
    }
    let mails = if count == 1 { "mail is" } else { "mails are" };
    output::line(format_args!("{count} {mails} due at once"));
    Ok(())
}

fn as_value(mail: &MailInOutbox) -> Value {
    let time = |at: Option<Timestamp>| at.map(rfc3339);
    json!({
        "id": mail.id.to_string(),
        "user_id": mail.user_id.map(|id| id.to_string()),
        "kind": mail.kind,
        "state": state(mail),
        "created_at": rfc3339(mail.created_at),
        "expires_at": rfc3339(mail.expires_at),
        "attempts": mail.attempts,
        "due_at": time(mail.due_at),
        "dead_at": time(mail.dead_at),
        "failure": mail.failure,
    })
}

fn state(mail: &MailInOutbox) -> &'static str {
    if mail.dead_at.is_some() {
        "dead"
    } else {
        "waiting"
    }
}

fn summary(mail: &MailInOutbox) -> String {
    let to = mail
        .user_id
        .map_or_else(|| "nobody's account".to_owned(), |id| id.to_string());
    let failure = mail.failure.as_deref().filter(|reason| !reason.is_empty());
    let tries = match (mail.attempts, failure) {
        (0, _) => "not tried yet".to_owned(),
        (1, None) => "tried once".to_owned(),
        (1, Some(reason)) => format!("tried once: {reason}"),
        (count, None) => format!("tried {count} times"),
        (count, Some(reason)) => format!("tried {count} times: {reason}"),
    };
    format!(
        "{}  {}  {:18}  to {to}  {}, {tries}",
        mail.id,
        rfc3339(mail.created_at),
        mail.kind,
        state(mail),
    )
}
