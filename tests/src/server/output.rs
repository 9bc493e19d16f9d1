//! What a process says, while it says it.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// One stream of a process, read to its end by a thread of its own.
#[derive(Debug)]
pub(super) struct Output {
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Said {
    text: String,
    is_over: bool,
}

impl Output {
    pub(super) fn of(stream: impl Read + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let reader = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.read(stream)
        });
        Self {
            shared,
            reader: Some(reader),
        }
    }

    /// All that was said up to now.
    pub(super) fn text(&self) -> String {
        let said = self.shared.said.lock();
        said.unwrap_or_else(PoisonError::into_inner).text.clone()
    }

    /// What `find` finds in what is said; `None` when the stream or the time ends first.
    pub(super) fn wait_for<T>(
        &self,
        deadline: Instant,
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let said = self.shared.said.lock();
        let mut said = said.unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = find(&said.text) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if said.is_over || left.is_zero() {
                return None;
            }
            let woken = self.shared.more.wait_timeout(said, left);
            said = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Everything, once the process has ended.
    pub(super) fn read_to_end(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // What it has read is there even if it failed.
            let _ = reader.join();
        }
        self.text()
    }
}

impl Shared {
    fn read(&self, stream: impl Read) {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            self.change(|said| said.text.push_str(&String::from_utf8_lossy(&line)));
            line.clear();
        }
        self.change(|said| said.is_over = true);
    }

    fn change(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner));
        self.more.notify_all();
    }
}
