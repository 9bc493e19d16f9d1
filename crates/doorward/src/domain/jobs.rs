//! Durable jobs: work that an operation leaves for a worker.

/// A queue of jobs. Each has its own worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Requests that are answered before they are carried out.
    Deferred,
    /// Mail to send.
    Mail,
}

impl Queue {
    /// The name, as the database and other servers know it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Mail => "mail",
        }
    }
}
