use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::password::UnusableHash;

/// Each call fills with the next number.
#[derive(Debug, Default)]
struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

fn small() -> Argon2Params {
    Argon2Params::new(64, 1, 1).unwrap()
}

fn hasher(params: Argon2Params) -> PasswordHasher {
    let config = HasherConfig {
        params,
        threads: NonZeroUsize::MIN,
        queue_per_thread: 2,
    };
    PasswordHasher::new(config, Arc::new(Counter::default()))
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

const CURRENT: Verdict = Verdict::Match {
    needs_upgrade: false,
};

#[tokio::test]
async fn a_hash_verifies_with_its_password_alone() {
    let hasher = hasher(small());
    let stored = hasher.hash(password(" Grüße 🐎 ")).await.unwrap();
    for (text, expected) in [
        (" Grüße 🐎 ", CURRENT),
        ("Grüße 🐎", Verdict::Mismatch),
        (" grüße 🐎 ", Verdict::Mismatch),
        (" Gru\u{308}ße 🐎 ", Verdict::Mismatch),
        ("", Verdict::Mismatch),
    ] {
        let verdict = hasher.verify(password(text), Some(stored.clone())).await;
        assert_eq!(verdict, Ok(expected), "{text}");
    }
}

#[tokio::test]
async fn long_passwords_and_nuls_are_hashed_to_the_last_byte() {
    let hasher = hasher(small());
    let long = "x".repeat(1024);
    for (text, near) in [
        (long.clone(), format!("{}y", &long[..1023])),
        ("a\0b".to_owned(), "a\0c".to_owned()),
        ("a".to_owned(), "a\0".to_owned()),
        (String::new(), "\0".to_owned()),
    ] {
        let stored = hasher.hash(password(&text)).await.unwrap();
        let right = hasher.verify(password(&text), Some(stored.clone())).await;
        let wrong = hasher.verify(password(&near), Some(stored)).await;
        assert_eq!((right, wrong), (Ok(CURRENT), Ok(Verdict::Mismatch)));
    }
}

#[tokio::test]
async fn new_hashes_are_argon2id_at_the_current_cost_with_a_salt_of_their_own() {
    let hasher = hasher(Argon2Params::new(128, 3, 2).unwrap());
    let first = hasher.hash(password("same")).await.unwrap();
    let second = hasher.hash(password("same")).await.unwrap();
    let prefix = "$argon2id$v=19$m=128,t=3,p=2$";
    assert!(
        first
            .as_str()
            .starts_with(&format!("{prefix}AAAAAAAAAAAAAAAAAAAAAA$"))
    );
    assert!(
        second
            .as_str()
            .starts_with(&format!("{prefix}AQEBAQEBAQEBAQEBAQEBAQ$"))
    );
    // 32 bytes are 43 characters.
    assert_eq!(first.as_str().len(), prefix.len() + 22 + 1 + 43);
    assert!(!first.needs_upgrade(hasher.params()));
}

#[tokio::test]
async fn any_other_cost_needs_an_upgrade() {
    let stored = hasher(small()).hash(password("pw")).await.unwrap();
    for (memory, iterations, parallelism) in [(32, 1, 1), (128, 1, 1), (64, 2, 1), (64, 1, 2)] {
        let other = hasher(Argon2Params::new(memory, iterations, parallelism).unwrap());
        let verdict = other.verify(password("pw"), Some(stored.clone())).await;
        let expected = Verdict::Match {
            needs_upgrade: true,
        };
        assert_eq!(verdict, Ok(expected), "{:?}", other.params());
        assert!(stored.needs_upgrade(other.params()));
    }
}

#[tokio::test]
async fn nothing_stored_is_a_mismatch() {
    let verdict = hasher(small()).verify(password("pw"), None).await;
    assert_eq!(verdict, Ok(Verdict::Mismatch));
}

#[tokio::test]
async fn what_cannot_be_used_says_why() {
    let hasher = hasher(small());
    for (stored, reason) in [
        ("", UnusableHash::UnknownScheme),
        ("!", UnusableHash::UnknownScheme),
        ("hunter2", UnusableHash::UnknownScheme),
        (
            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
            UnusableHash::Malformed,
        ),
    ] {
        let stored = PasswordHash::new(stored.to_owned());
        let verdict = hasher.verify(password("hunter2"), Some(stored)).await;
        assert_eq!(verdict, Ok(Verdict::Unusable(reason)));
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_drains() {
    let hasher = hasher(small());
    assert_eq!(hasher.check_room(), Ok(()));
    let (release, released) = std::sync::mpsc::channel::<()>();
    let occupied = hasher.pool.submit(move |_| released.recv()).unwrap();
    let pw = || password("pw");
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(hasher.hash(pw()))).collect();
    // Beside the job that holds the thread there are two places; the third
    // hash is refused on its first poll.
    assert!(poll_once(&mut waiting[0]).await.is_none());
    assert!(poll_once(&mut waiting[1]).await.is_none());
    let refused = poll_once(&mut waiting[2]).await.unwrap().unwrap_err();
    assert_eq!(refused.retry_after, Duration::from_secs(1));
    assert_eq!(hasher.check_room(), Err(refused));
    drop(release);
    assert!(occupied.await.is_ok());
    for hash in waiting.drain(..2) {
        hash.await.unwrap();
    }
    assert!(hasher.hash(pw()).await.is_ok());
}

#[tokio::test]
async fn a_job_that_panics_is_busy_to_its_caller_and_no_harm_to_others() {
    let hasher = hasher(small());
    let failed = hasher.run::<()>(|_| panic!("as intended")).await;
    assert_eq!(failed, Err(HasherBusy::after(Duration::ZERO)));
    assert!(hasher.hash(password("pw")).await.is_ok());
}

#[tokio::test]
async fn a_caller_that_leaves_gives_its_place_back() {
    let hasher = hasher(Argon2Params::new(4096, 4, 1).unwrap());
    let password = password("pw");
    for _ in 0..100 {
        let mut hash = Box::pin(hasher.hash(password.clone()));
        let _ = poll_once(&mut hash).await;
    }
    assert!(hasher.hash(password.clone()).await.is_ok());
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        let polled = std::pin::Pin::new(&mut *future).poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn the_wait_is_told_in_whole_seconds_within_bounds() {
    for (wait, seconds) in [
        (0, 1),
        (1, 1),
        (1000, 1),
        (1001, 2),
        (29_999, 30),
        (90_000, 30),
    ] {
        let busy = HasherBusy::after(Duration::from_millis(wait));
        assert_eq!(busy.retry_after, Duration::from_secs(seconds), "{wait}");
    }
    let longest = HasherBusy::after(Duration::MAX);
    assert_eq!(longest.retry_after, Duration::from_secs(30));
}

#[test]
fn the_default_is_a_thread_a_core_and_64_places_each() {
    let config = HasherConfig::default();
    let cores = thread::available_parallelism().unwrap();
    assert_eq!((config.threads, config.queue_per_thread), (cores, 64));
    assert_eq!(config.params, Argon2Params::default());
}
