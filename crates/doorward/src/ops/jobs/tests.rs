use super::*;
use crate::domain::clock::Timestamp;
use crate::domain::id::uuid_v7;
use crate::store::db::Database;

const TEST: JobKind<u32> = JobKind::new(Queue::Mail, "test");

async fn engine() -> Arc<Engine> {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let built = crate::testing::builder(database).build().await.unwrap();
    Arc::clone(&built.0)
}

async fn enqueue_number(engine: &Arc<Engine>, number: u32, dedupe_key: Option<&str>) {
    let options = JobOptions {
        user: None,
        delay: Duration::ZERO,
        ttl: Duration::from_secs(60),
        dedupe_key: dedupe_key.map(str::to_owned),
    };
    let owned = Arc::clone(engine);
    let enqueued: Result<(), StoreError> = engine
        .database()
        .write(move |tx| Box::pin(async move { enqueue(&owned, tx, TEST, &number, options).await }))
        .await;
    enqueued.unwrap();
}

async fn take(engine: &Arc<Engine>) -> Option<Job> {
    match take_next(engine, Queue::Mail, &[TEST.name()], engine.now()).await {
        Ok(Taken::Job(job)) => Some(job),
        _ => None,
    }
}

fn number_in(engine: &Arc<Engine>, job: &Job) -> u32 {
    open_payload(engine, TEST, job).unwrap()
}

#[tokio::test]
async fn one_job_with_a_dedupe_key_waits_until_it_is_completed_or_given_up() {
    let engine = engine().await;
    for (number, key) in [(1, "a"), (2, "a"), (3, "b")] {
        enqueue_number(&engine, number, Some(key)).await;
    }
    let first = take(&engine).await.unwrap();
    let second = take(&engine).await.unwrap();
    let numbers = [&first, &second].map(|job| number_in(&engine, job));
    assert!(numbers == [1, 3] || numbers == [3, 1], "{numbers:?}");
    assert!(take(&engine).await.is_none());

    let refused = Failure::internal("refused").into();
    for (job, error) in [(first, None), (second, Some(&refused))] {
        record_outcome(&engine, job, error).await.1.unwrap();
    }
    for (number, key) in [(4, "a"), (5, "b")] {
        enqueue_number(&engine, number, Some(key)).await;
        let job = take(&engine).await.unwrap();
        assert_eq!(number_in(&engine, &job), number);
    }
}

#[tokio::test]
async fn jobs_without_a_dedupe_key_all_wait() {
    let engine = engine().await;
    for number in [1, 1] {
        enqueue_number(&engine, number, None).await;
    }
    assert!(take(&engine).await.is_some() && take(&engine).await.is_some());
}

#[tokio::test]
async fn a_job_that_panics_is_postponed() {
    let engine = engine().await;
    enqueue_number(&engine, 1, None).await;
    let job = take(&engine).await.unwrap();
    let attempt = async { panic!("a fault of the handler") };
    let attempt: Result<(), _> = run_attempt(&engine, &job, attempt).await;
    let (outcome, stored) = record_outcome(&engine, job, attempt.as_ref().err()).await;
    stored.unwrap();
    assert!(matches!(outcome, JobOutcome::PostponedTo(due) if due > engine.now()));
}

#[tokio::test]
async fn a_payload_opens_in_its_own_row_as_its_own_kind() {
    let engine = engine().await;
    enqueue_number(&engine, 7, None).await;
    let job = take(&engine).await.unwrap();
    assert_eq!(number_in(&engine, &job), 7);
    let id = JobId::from_uuid(uuid_v7(Timestamp::from_millis(0), engine.entropy()));
    let elsewhere = open_payload(&engine, TEST, &Job { id, ..job.clone() });
    assert!(matches!(elsewhere, Err(JobError::Unreadable(_))));
    let other: JobKind<u32> = JobKind::new(Queue::Mail, "other");
    let as_other = open_payload(&engine, other, &job);
    assert!(matches!(as_other, Err(JobError::Unreadable(_))));
    let changed: JobKind<String> = JobKind::new(Queue::Mail, TEST.name());
    let in_other_form = open_payload(&engine, changed, &job);
    assert!(matches!(in_other_form, Err(JobError::Unreadable(_))));
}
