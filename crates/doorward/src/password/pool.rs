//! Threads for work that keeps a core busy: few, started when needed, with a
//! queue that refuses rather than grows.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::blocks::Blocks;
use super::priority::lower_priority;

/// The bounds of a [`Pool`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most threads at a time.
    pub(super) threads: NonZeroUsize,
    /// The most jobs that wait while every thread is busy.
    pub(super) queue: usize,
    /// How long a thread waits for a job before it ends.
    pub(super) idle: Duration,
    /// How many Argon2 blocks a thread keeps from job to job.
    pub(super) kept_blocks: usize,
}

/// A bounded pool of threads. Dropping it drops the jobs that wait and ends
/// each thread after the job it is at.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

/// Every place in the queue is taken, or no thread could be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// About how long the jobs that wait will take.
    pub(super) drained_in: Duration,
}

struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// Signalled for each new job, and to all when the pool goes.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Job>>,
    threads: usize,
    /// Threads that are at a job.
    busy: usize,
    closing: bool,
    /// How long the last job took.
    last_job: Duration,
}

trait Job: Send {
    /// Whether nobody waits for the result any more.
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>, blocks: &mut Blocks);
}

struct Work<F, R> {
    work: F,
    reply: oneshot::Sender<R>,
}

impl<F, R> Job for Work<F, R>
where
    F: FnOnce(&mut Blocks) -> R + Send,
    R: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(self: Box<Self>, blocks: &mut Blocks) {
        let result = (self.work)(blocks);
        // Whoever asked may have left meanwhile.
        let _ = self.reply.send(result);
    }
}

impl Pool {
    /// Starts no thread yet.
    pub(super) fn new(limits: Limits) -> Self {
        let shared = Shared {
            limits,
            state: Mutex::default(),
            changed: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Queues `work` and returns where its result will arrive. The receiver
    /// gets an error when `work` panics or the pool goes; when the receiver is
    /// dropped before a thread takes `work` up, it is skipped.
    pub(super) fn submit<F, R>(&self, work: F) -> Result<oneshot::Receiver<R>, Full>
    where
        F: FnOnce(&mut Blocks) -> R + Send + 'static,
        R: Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let mut state = self.shared.lock();
        state.check_room(&self.shared.limits)?;
        if state.needs_thread(&self.shared.limits) {
            Shared::start_thread(&self.shared, &mut state)?;
        }
        state.queue.push_back(Box::new(Work { work, reply }));
        drop(state);
        self.shared.changed.notify_one();
        Ok(receiver)
    }

    /// Whether [`submit`](Self::submit) would accept a job now.
    pub(super) fn check_room(&self) -> Result<(), Full> {
        self.shared.lock().check_room(&self.shared.limits)
    }

    #[cfg(test)]
    pub(super) fn threads(&self) -> usize {
        self.shared.lock().threads
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closing = true;
        let dropped = std::mem::take(&mut state.queue);
        drop(state);
        drop(dropped);
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Clients that gave up must not keep others out, so their jobs go first.
    fn check_room(&mut self, limits: &Limits) -> Result<(), Full> {
        let most = limits.threads.get().saturating_add(limits.queue);
        if self.unfinished() >= most {
            self.queue.retain(|job| !job.is_abandoned());
        }
        if self.unfinished() >= most {
            return Err(self.full(limits));
        }
        Ok(())
    }

    fn unfinished(&self) -> usize {
        self.queue.len() + self.busy
    }

    /// Whether one more job would wait although a thread could be started.
    fn needs_thread(&self, limits: &Limits) -> bool {
        self.unfinished() >= self.threads && self.threads < limits.threads.get()
    }

    fn full(&self, limits: &Limits) -> Full {
        let rounds = self.unfinished().div_ceil(limits.threads.get());
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        Full {
            drained_in: self.last_job.saturating_mul(rounds),
        }
    }
}

impl Shared {
    /// No job is run under this lock, and each change is complete at once: a
    /// panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_thread(shared: &Arc<Self>, state: &mut State) -> Result<(), Full> {
        let for_thread = Arc::clone(shared);
        let started = thread::Builder::new()
            .name("password-hash".to_owned())
            .spawn(move || for_thread.work());
        match started {
            Ok(_detached) => state.threads += 1,
            // The threads that run will come to the job; without any, nobody.
            Err(error) => {
                tracing::warn!(%error, "cannot start a thread to hash passwords");
                if state.threads == 0 {
                    return Err(state.full(&shared.limits));
                }
            }
        }
        Ok(())
    }

    /// What each thread does until it was idle for long or the pool goes.
    fn work(&self) {
        lower_priority();
        let mut blocks = Blocks::new(self.limits.kept_blocks);
        while let Some(job) = self.next_job() {
            let took = (!job.is_abandoned()).then(|| run(job, &mut blocks));
            let mut state = self.lock();
            state.busy -= 1;
            state.last_job = took.unwrap_or(state.last_job);
        }
    }

    /// Waits for a job and counts the thread as busy; `None` tells the thread,
    /// already counted out, to end.
    fn next_job(&self) -> Option<Box<dyn Job>> {
        let nothing_to_do = |state: &mut State| state.queue.is_empty() && !state.closing;
        let (mut state, _timed_out) = self
            .changed
            .wait_timeout_while(self.lock(), self.limits.idle, nothing_to_do)
            .unwrap_or_else(PoisonError::into_inner);
        let job = state.queue.pop_front();
        match job {
            Some(_) => state.busy += 1,
            None => state.threads -= 1,
        }
        job
    }
}

/// Runs `job`, and says how long it took. A panic ends the job alone.
fn run(job: Box<dyn Job>, blocks: &mut Blocks) -> Duration {
    let began = Instant::now();
    if catch_unwind(AssertUnwindSafe(|| job.run(blocks))).is_err() {
        tracing::error!("a password hashing job panicked");
    }
    began.elapsed()
}

#[cfg(test)]
mod tests;
