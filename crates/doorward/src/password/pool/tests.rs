use std::sync::{
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use super::*;

const LONG: Duration = Duration::from_secs(600);

fn pool(threads: usize, queue: usize, idle: Duration) -> Pool {
    Pool::new(Limits {
        threads: NonZeroUsize::new(threads).unwrap(),
        queue,
        idle,
        kept_blocks: 8,
    })
}

/// A job that runs until it is told to end.
struct Occupied {
    answer: oneshot::Receiver<()>,
    release: mpsc::Sender<()>,
}

impl Occupied {
    /// Returns once a thread is at the job.
    fn start(pool: &Pool) -> Self {
        let (release, released) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        let answer = pool
            .submit(move |_: &mut Blocks| {
                begun.send(()).unwrap();
                let _ = released.recv();
            })
            .unwrap();
        has_begun.recv().unwrap();
        Self { answer, release }
    }

    fn end(self) {
        drop(self.release);
        self.answer.blocking_recv().unwrap();
    }
}

/// Waits for other threads to bring `condition` about.
fn eventually(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(30), "never happened");
        thread::yield_now();
    }
}

#[test]
fn results_arrive() {
    let pool = pool(2, 100, LONG);
    let answers: Vec<_> = (0..100)
        .map(|n| pool.submit(move |_: &mut Blocks| n * n).unwrap())
        .collect();
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.blocking_recv(), Ok(n * n));
    }
}

#[test]
fn threads_start_when_needed_and_no_more_than_allowed() {
    let pool = pool(2, 8, LONG);
    assert_eq!(pool.threads(), 0);
    let first = Occupied::start(&pool);
    assert_eq!(pool.threads(), 1);
    let second = Occupied::start(&pool);
    assert_eq!(pool.threads(), 2);
    let third = pool.submit(|_: &mut Blocks| ()).unwrap();
    assert_eq!(pool.threads(), 2);
    first.end();
    second.end();
    third.blocking_recv().unwrap();
    eventually(|| pool.shared.lock().busy == 0);
    Occupied::start(&pool).end();
    assert_eq!(pool.threads(), 2);
}

#[test]
fn a_free_thread_is_preferred_to_a_new_one() {
    let pool = pool(2, 8, LONG);
    for _ in 0..10 {
        Occupied::start(&pool).end();
        eventually(|| pool.shared.lock().busy == 0);
    }
    assert_eq!(pool.threads(), 1);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let pool = pool(1, 2, LONG);
    assert!(pool.check_room().is_ok());
    let busy = Occupied::start(&pool);
    let one = pool.submit(|_: &mut Blocks| 1).unwrap();
    assert!(pool.check_room().is_ok());
    let two = pool.submit(|_: &mut Blocks| 2).unwrap();
    assert!(pool.check_room().is_err());
    assert!(pool.submit(|_: &mut Blocks| 3).is_err());
    busy.end();
    assert_eq!(one.blocking_recv(), Ok(1));
    assert_eq!(two.blocking_recv(), Ok(2));
    eventually(|| pool.check_room().is_ok());
}

#[test]
fn without_a_queue_free_threads_still_work() {
    let pool = pool(1, 0, LONG);
    let busy = Occupied::start(&pool);
    assert!(pool.check_room().is_err());
    busy.end();
    eventually(|| pool.check_room().is_ok());
    assert_eq!(
        pool.submit(|_: &mut Blocks| 1).unwrap().blocking_recv(),
        Ok(1)
    );
}

#[test]
fn the_refusal_estimates_the_wait() {
    let pool = pool(2, 3, LONG);
    let full = {
        let mut state = pool.shared.lock();
        state.last_job = Duration::from_millis(100);
        state.busy = 5;
        let full = state.full(&pool.shared.limits);
        state.busy = 0;
        full
    };
    assert_eq!(full.drained_in, Duration::from_millis(300));
}

#[test]
fn a_job_that_nobody_waits_for_is_skipped() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let count = |_: &mut Blocks| RUNS.fetch_add(1, Ordering::SeqCst);
    let pool = pool(1, 8, LONG);
    let busy = Occupied::start(&pool);
    drop(pool.submit(count).unwrap());
    let kept = pool.submit(count).unwrap();
    drop(pool.submit(count).unwrap());
    let last = pool.submit(|_: &mut Blocks| ()).unwrap();
    busy.end();
    kept.blocking_recv().unwrap();
    last.blocking_recv().unwrap();
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[test]
fn abandoned_jobs_make_room() {
    let pool = pool(1, 2, LONG);
    let busy = Occupied::start(&pool);
    let gone = pool.submit(|_: &mut Blocks| ()).unwrap();
    let kept = pool.submit(|_: &mut Blocks| ()).unwrap();
    assert!(pool.check_room().is_err());
    drop(gone);
    let next = pool.submit(|_: &mut Blocks| ()).unwrap();
    assert!(pool.check_room().is_err());
    busy.end();
    kept.blocking_recv().unwrap();
    next.blocking_recv().unwrap();
}

#[test]
fn a_panic_ends_the_job_and_not_the_thread() {
    let pool = pool(1, 8, LONG);
    let panicked = pool.submit(|_: &mut Blocks| panic!("as intended")).unwrap();
    assert!(panicked.blocking_recv().is_err());
    let next = pool
        .submit(|_: &mut Blocks| thread::current().id())
        .unwrap();
    next.blocking_recv().unwrap();
    assert_eq!(pool.threads(), 1);
    eventually(|| pool.shared.lock().busy == 0);
}

#[test]
fn an_idle_thread_ends_and_another_starts_later() {
    let pool = pool(1, 8, Duration::ZERO);
    for _ in 0..3 {
        let answer = pool.submit(|_: &mut Blocks| 1).unwrap();
        assert_eq!(answer.blocking_recv(), Ok(1));
        eventually(|| pool.threads() == 0);
    }
}

#[test]
fn dropping_the_pool_ends_its_threads_and_drops_what_waits() {
    let pool = pool(2, 8, LONG);
    let first = Occupied::start(&pool);
    let second = Occupied::start(&pool);
    let waiting = pool.submit(|_: &mut Blocks| ()).unwrap();
    let shared = Arc::clone(&pool.shared);
    drop(pool);
    assert!(waiting.blocking_recv().is_err());
    first.end();
    second.end();
    eventually(|| shared.lock().threads == 0);
}

#[test]
fn many_callers_at_once_lose_nothing() {
    let pool = pool(3, 10_000, Duration::ZERO);
    let sum = AtomicUsize::new(0);
    thread::scope(|scope| {
        for caller in 0..4 {
            let (pool, sum) = (&pool, &sum);
            scope.spawn(move || {
                for n in 0..500 {
                    let answer = pool.submit(move |_: &mut Blocks| caller * n).unwrap();
                    sum.fetch_add(answer.blocking_recv().unwrap(), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(sum.load(Ordering::SeqCst), 6 * (499 * 500 / 2));
    eventually(|| pool.threads() == 0);
}
