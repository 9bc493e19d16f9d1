//! Wakes a worker when a write left it something to do.

use tokio::sync::Notify;

use crate::store::db::{Change, ChangeListener};

/// Rings when a certain change was committed, here or elsewhere, or may have been.
#[derive(Debug)]
pub(crate) struct WorkerSignal {
    raised_by: Change,
    notify: Notify,
}

impl WorkerSignal {
    /// A bell that this change rings.
    pub(crate) fn raised_by(change: Change) -> Self {
        Self {
            raised_by: change,
            notify: Notify::new(),
        }
    }

    /// Waits until it rings, or not at all if it has rung since the last time.
    pub(crate) async fn wait(&self) {
        self.notify.notified().await;
    }
}

impl ChangeListener for WorkerSignal {
    fn forget(&self, changes: &[Change]) {
        if changes.contains(&self.raised_by) {
            self.notify.notify_one();
        }
    }

    fn forget_all(&self) {
        self.notify.notify_one();
    }

    fn trust(&self, _connected: bool) {}
}
