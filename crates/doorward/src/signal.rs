//! Wakes a worker when a transaction left it something to do.

use tokio::sync::Notify;

use crate::store::db::{Change, ChangeListener};

/// Is raised when a certain change was committed, by this server or another, or may have been.
#[derive(Debug)]
pub(crate) struct WorkerSignal {
    raised_by: Change,
    notify: Notify,
}

impl WorkerSignal {
    /// Creates a signal that this change raises.
    pub(crate) fn raised_by(change: Change) -> Self {
        Self {
            raised_by: change,
            notify: Notify::new(),
        }
    }

    /// Waits until the signal is raised. Returns at once if it was raised since the last call.
    pub(crate) async fn wait(&self) {
        self.notify.notified().await;
    }
}

impl ChangeListener for WorkerSignal {
    fn on_changes(&self, changes: &[Change]) {
        if changes.contains(&self.raised_by) {
            self.notify.notify_one();
        }
    }

    fn on_unknown_changes(&self) {
        self.notify.notify_one();
    }
}
