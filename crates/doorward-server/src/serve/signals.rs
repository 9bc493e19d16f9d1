//! SIGTERM and Ctrl-C: the first asks to drain, the second to stop at once.

use crate::failure::CommandFailure;

/// The signals that end a server.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Starts to listen, so that no signal is missed from now on.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, CommandFailure> {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind| {
            signal(kind).map_err(|error| {
                CommandFailure::refused(format!("cannot listen for signals: {error}"))
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Starts to listen; only Ctrl-C is known here.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, CommandFailure> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for the next Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        // Where Ctrl-C can't be heard, nothing ends the server this way.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
