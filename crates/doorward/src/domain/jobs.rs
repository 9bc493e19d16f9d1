//! Durable jobs: the queues that they wait in, and how they are completed.

use std::time::Duration;

/// What jobs wait for. Each queue has a worker of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    /// Requests that are answered before they are carried out.
    Deferred,
    /// Mails.
    Mail,
}

/// How a job is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// The job is deleted in the transaction of its effect, so the effect happens exactly once
    /// and no write is needed to claim the job. A job that fails is retried until it expires,
    /// and leaves no dead letter.
    InTransaction,
    /// The effect is outside of the database. A process claims the job before and deletes it
    /// afterwards, so the effect happens at least once. A job that keeps failing becomes a dead
    /// letter.
    Leased {
        /// How long a claim lasts. An attempt takes at most half of it.
        lease: Duration,
        /// How long to wait after each failed attempt. After one more attempt the job is dead.
        backoff: &'static [Duration],
    },
}

/// How long a claim on a mail lasts.
const MAIL_LEASE: Duration = Duration::from_secs(2 * 60);
/// How long a mail waits after each failed attempt.
const MAIL_BACKOFF: [Duration; 11] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(3 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
];

impl Queue {
    /// Every queue.
    pub(crate) const ALL: [Self; 2] = [Self::Deferred, Self::Mail];

    /// The name of the queue in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Mail => "mail",
        }
    }

    /// How many jobs of the queue one process runs at a time.
    ///
    /// One, where jobs are completed in a transaction: no claim marks a job that runs.
    pub(crate) const fn slots(self) -> usize {
        match self {
            Self::Deferred => 1,
            Self::Mail => 8,
        }
    }

    /// How jobs of the queue are completed.
    pub(crate) const fn completion(self) -> Completion {
        match self {
            Self::Deferred => Completion::InTransaction,
            Self::Mail => Completion::Leased {
                lease: MAIL_LEASE,
                backoff: &MAIL_BACKOFF,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_without_claims_run_one_job_at_a_time() {
        for queue in Queue::ALL {
            let is_claimed = queue.completion() != Completion::InTransaction;
            assert!(is_claimed || queue.slots() == 1, "{queue:?}");
        }
    }
}
