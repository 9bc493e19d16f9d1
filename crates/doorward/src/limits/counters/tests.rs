use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// The algorithm as ITU-T I.371 words it, by a theoretical arrival time, which knows every key
/// that ever came. Times are multiplied by the limit, so that they are whole.
#[derive(Default)]
struct Model(HashMap<u64, Arrival>);

#[derive(Clone, Copy)]
struct Arrival {
    expected: i128,
    asked: i64,
}

impl Model {
    fn take(&mut self, name: u64, rate: Rate, cost: u32, now: i64) -> Decision {
        let (limit, window) = (i128::from(rate.limit()), i128::from(rate.window_millis()));
        let arrival = self.0.entry(name).or_insert(Arrival {
            expected: i128::from(now) * limit,
            asked: now,
        });
        // When the clock is set back, what was expected moves along.
        if now < arrival.asked {
            arrival.expected -= i128::from(arrival.asked - now) * limit;
        }
        arrival.asked = now;
        let scaled_now = i128::from(now) * limit;
        arrival.expected = arrival.expected.max(scaled_now);
        let next = arrival.expected + i128::from(cost.max(1)) * window;
        let too_early = next - (scaled_now + limit * window);
        if too_early <= 0 && cost > 0 {
            arrival.expected = next;
        }
        let room = scaled_now + limit * window - arrival.expected;
        let wait = (too_early.max(0) + limit - 1) / limit;
        Decision {
            is_allowed: too_early <= 0,
            remaining: u32::try_from(room / window).unwrap(),
            retry_after: Duration::from_millis(u64::try_from(wait.min(window)).unwrap()),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Take { name: u64, cost: u32 },
    Wait(i64),
    SetBack(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3u64, 0..4u32).prop_map(|(name, cost)| Step::Take { name, cost }),
        3 => (0..4_000i64).prop_map(Step::Wait),
        1 => (0..200_000i64).prop_map(Step::Wait),
        1 => (0..200_000i64).prop_map(Step::SetBack),
    ]
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (1..12u32, 1..90u64)
        .prop_map(|(limit, seconds)| Rate::new(limit, Duration::from_secs(seconds)).unwrap())
}

proptest! {
    #[test]
    fn counters_decide_as_the_model_does(
        rate in any_rate(),
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        let (mut counters, mut model) = (Counters::default(), Model::default());
        let mut now = 1_750_000_000_000;
        for step in steps {
            match step {
                Step::Take { name, cost } => prop_assert_eq!(
                    counters.take(name, rate, cost, at(now)),
                    model.take(name, rate, cost, now)
                ),
                Step::Wait(millis) => now += millis,
                Step::SetBack(millis) => now -= millis,
            }
        }
    }

    #[test]
    fn what_is_refused_is_allowed_after_the_told_wait_and_not_before(
        rate in any_rate(),
        waits in proptest::collection::vec(0..5_000i64, 1..40),
    ) {
        let mut counters = Counters::default();
        let mut now = 0;
        for wait in waits {
            now += wait;
            let refused = counters.take(1, rate, 1, at(now));
            if refused.is_allowed {
                continue;
            }
            let told = i64::try_from(refused.retry_after.as_millis()).unwrap();
            prop_assert!(told > 0);
            prop_assert!(!counters.take(1, rate, 0, at(now + told - 1)).is_allowed);
            prop_assert!(counters.take(1, rate, 0, at(now + told)).is_allowed);
            now += told;
        }
    }

    #[test]
    fn no_clock_holds_anybody_up_for_longer_than_one_window(
        rate in any_rate(),
        before in any::<i64>(),
        after in any::<i64>(),
    ) {
        let mut counters = Counters::default();
        while counters.take(1, rate, 1, at(before)).is_allowed {}
        let told = counters.take(1, rate, 1, at(after)).retry_after;
        prop_assert!(told <= rate.window());
        let later = at(after) + rate.window();
        prop_assert!(later == at(i64::MAX) || counters.take(1, rate, 1, later).is_allowed);
    }

    #[test]
    fn no_numbers_overflow(
        limit in 1..=Rate::LARGEST_LIMIT,
        seconds in 1..=Rate::LONGEST_WINDOW.as_secs(),
        cost in any::<u32>(),
        times in proptest::collection::vec(any::<i64>(), 1..8),
    ) {
        let rate = Rate::new(limit, Duration::from_secs(seconds)).unwrap();
        let mut counters = Counters::default();
        for time in times {
            let decision = counters.take(1, rate, cost, at(time));
            prop_assert!(decision.remaining <= limit);
            prop_assert!(decision.retry_after <= rate.window());
        }
    }
}

#[test]
fn a_limit_can_be_used_at_once_and_comes_back_bit_by_bit() {
    let (mut counters, rate) = (Counters::default(), rate("6/minute"));
    for left in (0..6).rev() {
        let decision = counters.take(1, rate, 1, at(0));
        assert_eq!((decision.is_allowed, decision.remaining), (true, left));
    }
    let refused = counters.take(1, rate, 1, at(0));
    assert_eq!(refused.retry_after, Duration::from_secs(10));
    assert!(!counters.take(1, rate, 1, at(9_999)).is_allowed);
    assert!(counters.take(1, rate, 1, at(10_000)).is_allowed);
    assert!(!counters.take(1, rate, 1, at(10_000)).is_allowed);
}

#[test]
fn a_refusal_costs_nothing() {
    let (mut counters, rate) = (Counters::default(), rate("1/minute"));
    assert!(counters.take(1, rate, 1, at(0)).is_allowed);
    for second in 0..60 {
        assert!(!counters.take(1, rate, 1, at(second * 1_000)).is_allowed);
    }
    assert!(counters.take(1, rate, 1, at(60_000)).is_allowed);
}

#[test]
fn a_look_takes_nothing_and_leaves_nothing_behind() {
    let (mut counters, rate) = (Counters::default(), rate("1/minute"));
    for _ in 0..3 {
        assert!(counters.take(1, rate, 0, at(0)).is_allowed);
    }
    assert!(counters.0.is_empty());
    assert!(counters.take(1, rate, 1, at(0)).is_allowed);
    assert!(!counters.take(1, rate, 0, at(0)).is_allowed);
}

#[test]
fn more_than_there_ever_is_is_never_allowed() {
    let (mut counters, rate) = (Counters::default(), rate("3/minute"));
    for time in [0, 60_000, 3_600_000, i64::MAX] {
        let decision = counters.take(1, rate, 4, at(time));
        assert!(!decision.is_allowed);
        assert_eq!(decision.remaining, 3);
        assert!(decision.retry_after <= rate.window());
    }
}

#[test]
fn what_owes_nothing_goes_first_then_what_has_used_the_smallest_part() {
    let (mut counters, long, short) = (Counters::default(), rate("5/hour"), rate("30/minute"));
    for _ in 0..5 {
        counters.take(0, long, 1, at(0));
    }
    // Owes nothing after two seconds.
    counters.take(1, short, 1, at(0));
    let now = at(2_000);
    for name in 2..WAYS as u64 {
        counters.take(name, short, 2, now);
    }
    let names = |counters: &Counters| -> Vec<u64> {
        let mut names: Vec<_> = counters.0.iter().map(|counter| counter.name).collect();
        names.sort_unstable();
        names
    };
    counters.take(100, short, 1, now);
    assert!(!names(&counters).contains(&1));
    // A crowd that asks once each drives out its own.
    for name in 101..1_000 {
        counters.take(name, short, 1, now);
    }
    let mut expected: Vec<u64> = std::iter::once(0).chain(2..WAYS as u64).collect();
    expected.push(999);
    assert_eq!(names(&counters), expected);
    assert!(!counters.take(0, long, 1, now).is_allowed);
}
