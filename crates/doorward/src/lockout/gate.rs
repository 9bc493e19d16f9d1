//! Lets attempts in, so many at once that parallel ones can't make more guesses than a lock
//! would let them make one after the other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::domain::clock::Timestamp;
use crate::domain::lockout::LockoutPolicy;
use crate::keys::Fingerprint;

/// How many attempts on one subject may wait for their turn: a person makes one.
const LONGEST_QUEUE: u32 = 64;

/// The attempts that are under way in this process.
///
/// What is counted is in the database, so that failures are counted exactly wherever they
/// happen; who may try at this moment is decided here, so that who tries with the right password,
/// as often at once as they like, is never taken for somebody who guesses.
#[derive(Debug, Default)]
pub(crate) struct AttemptGate {
    subjects: Mutex<HashMap<Fingerprint, Arc<Subject>>>,
}

/// A subject that somebody tries to log in as, or waits to.
#[derive(Default)]
struct Subject {
    state: Mutex<State>,
    loading: tokio::sync::Mutex<()>,
    changed: Notify,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// As the database had it, until an attempt ends.
    standing: Option<FailuresSoFar>,
    /// How many attempts have ended: what was looked up before the last one did is old.
    ended: u64,
    under_way: u32,
    waiting: u32,
}

/// The failures in a row of a subject, and until when it is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailuresSoFar {
    pub(crate) failures: u32,
    pub(crate) locked_until: Timestamp,
}

impl FailuresSoFar {
    pub(crate) const NONE: Self = Self {
        failures: 0,
        locked_until: Timestamp::from_millis(0),
    };
}

/// Why nobody is let in.
#[derive(Debug)]
pub(crate) enum NotLetIn<E> {
    /// The subject is locked until then.
    LockedUntil(Timestamp),
    /// More wait for their turn than any person needs.
    TooManyWaiting,
    /// What the subject's failures are could not be found out.
    Unknown(E),
}

impl AttemptGate {
    /// Waits for a turn to try; `load` finds the subject's failures.
    pub(crate) async fn enter<E, F>(
        self: &Arc<Self>,
        id: Fingerprint,
        policy: &LockoutPolicy,
        now: impl Fn() -> Timestamp,
        load: impl Fn() -> F,
    ) -> Result<Turn, NotLetIn<E>>
    where
        F: Future<Output = Result<FailuresSoFar, E>>,
    {
        let visit = self.visit(id);
        let failures = visit.subject.enter(policy, now, load).await?;
        Ok(Turn { visit, failures })
    }

    fn visit(self: &Arc<Self>, id: Fingerprint) -> Visit {
        let mut subjects = self.lock();
        Visit {
            subject: Arc::clone(subjects.entry(id).or_default()),
            gate: Arc::clone(self),
            id,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Fingerprint, Arc<Subject>>> {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entry {
    LetIn(u32),
    LockedUntil(Timestamp),
    Wait,
    Unknown,
}

impl Subject {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn enter<E, F>(
        &self,
        policy: &LockoutPolicy,
        now: impl Fn() -> Timestamp,
        load: impl Fn() -> F,
    ) -> Result<u32, NotLetIn<E>>
    where
        F: Future<Output = Result<FailuresSoFar, E>>,
    {
        // Whoever leaves the queue, to try or for good, calls the next one: all at once would
        // mostly find that there is no room.
        let _next = CallNext(self);
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed, however late it is waited for.
            changed.as_mut().enable();
            match self.try_enter(policy, now()) {
                Entry::LetIn(failures) => return Ok(failures),
                Entry::LockedUntil(until) => return Err(NotLetIn::LockedUntil(until)),
                Entry::Unknown => self.load(&load).await.map_err(NotLetIn::Unknown)?,
                Entry::Wait => {
                    let _place = self.queue().ok_or(NotLetIn::TooManyWaiting)?;
                    changed.await;
                }
            }
        }
    }

    fn try_enter(&self, policy: &LockoutPolicy, now: Timestamp) -> Entry {
        let mut state = self.lock();
        let Some(standing) = state.standing else {
            return Entry::Unknown;
        };
        if standing.locked_until > now {
            return Entry::LockedUntil(standing.locked_until);
        }
        if state.under_way >= policy.attempts_at_once(standing.failures) {
            return Entry::Wait;
        }
        state.under_way += 1;
        Entry::LetIn(standing.failures)
    }

    async fn load<E, F>(&self, load: &impl Fn() -> F) -> Result<(), E>
    where
        F: Future<Output = Result<FailuresSoFar, E>>,
    {
        let _one_at_a_time = self.loading.lock().await;
        let before = *self.lock();
        if before.standing.is_some() {
            return Ok(());
        }
        let loaded = load().await?;
        let mut state = self.lock();
        if state.ended == before.ended {
            state.standing = Some(loaded);
        }
        Ok(())
    }

    fn queue(&self) -> Option<Place<'_>> {
        let mut state = self.lock();
        if state.waiting >= LONGEST_QUEUE {
            return None;
        }
        state.waiting += 1;
        Some(Place(self))
    }
}

/// Calls the next one in the queue, when this one has left it.
struct CallNext<'s>(&'s Subject);

impl Drop for CallNext<'_> {
    fn drop(&mut self) {
        self.0.changed.notify_one();
    }
}

/// A place in the queue.
struct Place<'s>(&'s Subject);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

/// Somebody's interest in a subject; the last one to leave takes the subject away.
struct Visit {
    gate: Arc<AttemptGate>,
    id: Fingerprint,
    subject: Arc<Subject>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut subjects = self.gate.lock();
        // The map's and this one: nobody else can come by another while the map is held.
        if Arc::strong_count(&self.subject) == 2 {
            subjects.remove(&self.id);
        }
    }
}

/// The turn of one attempt. It ends when it is dropped, which must be after what the attempt
/// came to was written down.
pub(crate) struct Turn {
    visit: Visit,
    failures: u32,
}

impl Turn {
    pub(crate) fn subject(&self) -> Fingerprint {
        self.visit.id
    }

    /// How many failures in a row there were when the turn began.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.visit.subject.lock();
        state.under_way -= 1;
        state.ended += 1;
        state.standing = None;
        drop(state);
        self.visit.subject.changed.notify_one();
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject")
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::keys::FingerprintKey;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn subject(name: &str) -> Fingerprint {
        FingerprintKey::new(&[7; 32]).of("test", &[name.as_bytes()])
    }

    /// So many failures that attempts are let in one after the other.
    async fn one_at_a_time() -> Result<FailuresSoFar, Infallible> {
        Ok(FailuresSoFar {
            failures: 7,
            ..FailuresSoFar::NONE
        })
    }

    /// Failures as a database would count them.
    #[derive(Default)]
    struct Counted(AtomicU32);

    impl Counted {
        fn so_far(&self, policy: &LockoutPolicy) -> FailuresSoFar {
            let failures = self.0.load(Ordering::SeqCst);
            let wait = policy.wait_after(failures);
            FailuresSoFar {
                failures,
                locked_until: if wait > Duration::ZERO {
                    NOW + wait
                } else {
                    FailuresSoFar::NONE.locked_until
                },
            }
        }
    }

    #[tokio::test]
    async fn of_many_wrong_guesses_at_once_no_more_are_made_than_one_by_one() {
        let (gate, policy) = (Arc::new(AttemptGate::default()), LockoutPolicy::default());
        let counted = Arc::new(Counted::default());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (gate, counted) = (Arc::clone(&gate), Arc::clone(&counted));
            tasks.spawn(async move {
                let load = || async { Ok::<_, Infallible>(counted.so_far(&policy)) };
                let turn = match gate.enter(subject("a"), &policy, || NOW, load).await {
                    Ok(turn) => turn,
                    Err(NotLetIn::LockedUntil(_)) => return 0_u32,
                    Err(other) => panic!("{other:?}"),
                };
                tokio::task::yield_now().await;
                counted.0.fetch_add(1, Ordering::SeqCst);
                drop(turn);
                1
            });
        }
        let guesses: u32 = tasks.join_all().await.into_iter().sum();
        assert_eq!(guesses, 5);
        assert!(gate.lock().is_empty());
    }

    #[tokio::test]
    async fn right_passwords_at_once_are_all_let_in() {
        let (gate, policy) = (Arc::new(AttemptGate::default()), LockoutPolicy::default());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let gate = Arc::clone(&gate);
            tasks.spawn(async move {
                let load = || async { Ok::<_, Infallible>(FailuresSoFar::NONE) };
                let turn = gate
                    .enter(subject("a"), &policy, || NOW, load)
                    .await
                    .unwrap();
                tokio::task::yield_now().await;
                drop(turn);
            });
        }
        tasks.join_all().await;
        assert!(gate.lock().is_empty());
    }

    #[tokio::test]
    async fn a_turn_that_is_dropped_lets_the_next_one_in() {
        let (gate, policy) = (Arc::new(AttemptGate::default()), LockoutPolicy::default());
        let turn = gate
            .enter(subject("a"), &policy, || NOW, one_at_a_time)
            .await
            .unwrap();
        let next = gate.enter(subject("a"), &policy, || NOW, one_at_a_time);
        tokio::pin!(next);
        let waits =
            std::future::poll_fn(|cx| std::task::Poll::Ready(next.as_mut().poll(cx).is_pending()));
        assert!(waits.await);
        drop(turn);
        next.await.unwrap();
        assert!(gate.lock().is_empty());
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_keeps_nobody_else_waiting() {
        let (gate, policy) = (Arc::new(AttemptGate::default()), LockoutPolicy::default());
        let turn = gate
            .enter(subject("a"), &policy, || NOW, one_at_a_time)
            .await
            .unwrap();
        let gone = tokio::sync::Notify::new();
        let gives_up = async {
            tokio::select! {
                biased;
                () = gone.notified() => {}
                turn = gate.enter(subject("a"), &policy, || NOW, one_at_a_time) => drop(turn.unwrap()),
            }
        };
        let waits = async {
            let turn = gate
                .enter(subject("a"), &policy, || NOW, one_at_a_time)
                .await;
            drop(turn.unwrap());
        };
        let ends = async {
            // Called to try, and gone at the same moment.
            drop(turn);
            gone.notify_one();
        };
        let all = async { tokio::join!(gives_up, waits, ends) };
        let patience = std::time::Duration::from_secs(10);
        tokio::time::timeout(patience, all).await.unwrap();
        assert!(gate.lock().is_empty());
    }

    #[tokio::test]
    async fn one_subject_does_not_wait_for_another() {
        let (gate, policy) = (Arc::new(AttemptGate::default()), LockoutPolicy::default());
        let locked = || async {
            Ok::<_, Infallible>(FailuresSoFar {
                failures: 10,
                locked_until: NOW + Duration::from_secs(1),
            })
        };
        let free = || async { Ok::<_, Infallible>(FailuresSoFar::NONE) };
        let refused = gate.enter(subject("a"), &policy, || NOW, locked).await;
        assert!(matches!(refused, Err(NotLetIn::LockedUntil(_))));
        gate.enter(subject("b"), &policy, || NOW, free)
            .await
            .unwrap();
    }
}
