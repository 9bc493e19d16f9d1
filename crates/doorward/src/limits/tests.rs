use super::*;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

impl InProcessLimiter {
    fn held(&self) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| shard.lock().unwrap().len()).sum()
    }

    fn takes(&self, key: &str, rate: Rate, times: usize) -> usize {
        (0..times)
            .filter(|_| self.take_now(key, rate, 1, NOW).is_allowed)
            .count()
    }
}

#[test]
fn parallel_takes_get_exactly_what_there_is() {
    let (limiter, rate) = (InProcessLimiter::default(), rate("100/minute"));
    let allowed: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| limiter.takes("one", rate, 50)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    assert_eq!(allowed, 100);
}

#[test]
fn keys_do_not_disturb_each_other() {
    let (limiter, rate) = (InProcessLimiter::default(), rate("3/minute"));
    for key in [
        "a",
        "b",
        "login:network:192.0.2.1",
        "login:network:192.0.2.2",
    ] {
        assert_eq!(limiter.takes(key, rate, 10), 3, "{key}");
    }
}

#[test]
fn a_flood_of_keys_neither_grows_the_table_nor_frees_who_used_up_a_limit() {
    let (limiter, rate) = (InProcessLimiter::with_capacity(1_024), rate("5/minute"));
    assert_eq!(limiter.takes("somebody", rate, 10), 5);
    for number in 0..100_000 {
        let key = format!("flood {number}");
        assert!(limiter.take_now(&key, rate, 1, NOW).is_allowed);
        if number % 1_000 == 0 {
            assert_eq!(limiter.takes("somebody", rate, 1), 0, "after {number}");
        }
    }
    assert!(limiter.held() <= 1_024, "{}", limiter.held());
    assert!(limiter.held() > 1_000, "{}", limiter.held());
}

#[test]
fn a_used_up_limit_goes_under_when_about_all_counters_are_used_up() {
    let (limiter, rate) = (InProcessLimiter::with_capacity(1_024), rate("5/minute"));
    limiter.takes("somebody", rate, 5);
    // With a quarter of the room used up, no shard is full but by a rare chance.
    for number in 0..256 {
        limiter.takes(&format!("used up {number}"), rate, 5);
    }
    for number in 0..10_000 {
        limiter.take_now(&format!("flood {number}"), rate, 1, NOW);
    }
    assert_eq!(limiter.takes("somebody", rate, 1), 0);
}

#[test]
fn nothing_of_a_key_is_shown() {
    let limiter = InProcessLimiter::default();
    limiter.takes("192.0.2.1", rate("5/minute"), 1);
    assert_eq!(
        format!("{limiter:?}"),
        "InProcessLimiter { capacity: 65536, .. }"
    );
}
