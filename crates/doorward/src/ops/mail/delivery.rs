//! Sending the mails of the outbox.

use std::sync::Arc;

use super::letter::job_kind;
use crate::domain::mail::MailKind;
use crate::engine::Engine;
use crate::instrumentation::MailOutcome;
use crate::mail::{MailConfig, OutgoingMail, SendError};
use crate::ops::jobs::{JobError, JobOutcome, open_payload};
use crate::store::jobs::Job;

/// What became of the mails that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// How many were sent.
    pub sent: usize,
    /// How many are to be tried again.
    pub postponed: usize,
    /// How many were given up.
    pub given_up: usize,
}

impl FromIterator<JobOutcome> for Delivery {
    fn from_iter<I: IntoIterator<Item = JobOutcome>>(outcomes: I) -> Self {
        let mut delivery = Self::default();
        for outcome in outcomes {
            match outcome {
                JobOutcome::Done => delivery.sent += 1,
                JobOutcome::PostponedTo(_) => delivery.postponed += 1,
                JobOutcome::GivenUp => delivery.given_up += 1,
            }
        }
        delivery
    }
}

impl From<JobOutcome> for MailOutcome {
    fn from(outcome: JobOutcome) -> Self {
        match outcome {
            JobOutcome::Done => Self::Sent,
            JobOutcome::PostponedTo(_) => Self::Postponed,
            JobOutcome::GivenUp => Self::GivenUp,
        }
    }
}

/// Renders a mail with the templates of this moment, and hands it to the mailer.
pub(crate) async fn run_mail(engine: &Arc<Engine>, job: &Job) -> Result<(), JobError> {
    let config = engine
        .config()
        .mail
        .as_ref()
        .ok_or_else(|| SendError::temporary("no mailer"))?;
    let outgoing = render(engine, config, job)?;
    Ok(config.mailer.send(&outgoing).await?)
}

fn render(engine: &Arc<Engine>, config: &MailConfig, job: &Job) -> Result<OutgoingMail, JobError> {
    let kind = MailKind::find(&job.kind)
        .ok_or_else(|| SendError::temporary("of a kind that this release does not know"))?;
    let payload = open_payload(engine, job_kind(kind), job)?;
    let rendered = config
        .templates
        .render(kind, payload.language.as_deref(), &payload.facts)
        .map_err(|_| SendError::temporary("the template failed"))?;
    Ok(OutgoingMail {
        id: job.id.as_uuid(),
        to: payload.to,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}
