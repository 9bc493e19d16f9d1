//! The statistic on made-up answers, of which it is known whether they differ.

use super::*;

/// Answers around a millisecond, with the long tail that a machine's answers have.
fn answer(random: &mut Random) -> f64 {
    let uniform = |random: &mut Random| (random.number() >> 11) as f64 / (1_u64 << 53) as f64;
    let tail = -(1.0 - uniform(random)).ln();
    1e-3 + 40e-6 * tail + 20e-6 * uniform(random)
}

fn samples(seed: u64, count: usize, second: impl Fn(f64) -> f64) -> Vec<Sample> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|_| {
            let is_second = random.coin();
            let took = answer(&mut random);
            let took = if is_second { second(took) } else { took };
            Sample { is_second, took }
        })
        .collect()
}

fn verdict(samples: &[Sample]) -> Verdict {
    Comparison::of(samples, &mut Random::new(7)).verdict()
}

#[test]
fn equal_answers_are_the_same() {
    for seed in 0..20 {
        let equal = samples(seed, 4_000, |took| took);
        assert_eq!(verdict(&equal), Verdict::Same, "seed {seed}");
    }
}

#[test]
fn answers_that_take_three_per_cent_longer_are_found() {
    for seed in 0..20 {
        let slower = samples(seed, 4_000, |took| took * 1.03);
        assert_eq!(verdict(&slower), Verdict::Different, "seed {seed}");
        let quicker = samples(seed, 4_000, |took| took / 1.03);
        assert_eq!(verdict(&quicker), Verdict::Different, "seed {seed}");
    }
}

#[test]
fn answers_of_which_some_take_much_longer_are_found() {
    // The medians hardly differ: one of ten makes a detour.
    let detours = samples(1, 8_000, |took| {
        if ((took * 1e9) as u64).is_multiple_of(10) {
            took + 1e-3
        } else {
            took
        }
    });
    assert_eq!(verdict(&detours), Verdict::Different);
}

#[test]
fn drift_is_not_taken_for_a_difference() {
    let mut drifting = samples(2, 6_000, |took| took);
    for (at, sample) in drifting.iter_mut().enumerate() {
        sample.took *= 1.0 + 0.2 * at as f64 / 6_000.0;
    }
    assert_eq!(verdict(&drifting), Verdict::Same);
    for sample in drifting.iter_mut().filter(|sample| sample.is_second) {
        sample.took *= 1.05;
    }
    assert_eq!(verdict(&drifting), Verdict::Different);
}

#[test]
fn too_few_answers_say_nothing() {
    assert_eq!(verdict(&samples(3, 100, |took| took)), Verdict::Unclear);
}

#[test]
fn quantiles_and_superiority_are_those_of_the_definition() {
    let times = [(false, 1.0), (true, 2.0), (false, 2.0), (true, 3.0)];
    let samples = times.map(|(is_second, took)| Sample { is_second, took });
    let measured = Ranked::of(&samples).measure(&[false, true, false, true]);
    assert_eq!(measured.counts, [2, 2]);
    assert_eq!(measured.medians, [2.0, 3.0]);
    // Of the four pairs the second is slower in three, and equal in one.
    assert!((measured.superiority - 3.5 / 4.0).abs() < 1e-12);
}
