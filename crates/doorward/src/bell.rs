//! Wakes a worker when a write left it something to do.

use tokio::sync::Notify;

use crate::store::db::{Change, ChangeListener};

/// Rings when a certain change was committed, here or elsewhere, or may have been.
#[derive(Debug)]
pub(crate) struct Bell {
    rung_by: Change,
    notify: Notify,
}

impl Bell {
    /// A bell that this change rings.
    pub(crate) fn rung_by(change: Change) -> Self {
        Self {
            rung_by: change,
            notify: Notify::new(),
        }
    }

    /// Waits until it rings, or not at all if it has rung since the last time.
    pub(crate) async fn heard(&self) {
        self.notify.notified().await;
    }
}

impl ChangeListener for Bell {
    fn forget(&self, changes: &[Change]) {
        if changes.contains(&self.rung_by) {
            self.notify.notify_one();
        }
    }

    fn forget_all(&self) {
        self.notify.notify_one();
    }

    fn trust(&self, _connected: bool) {}
}
