//! Whether two kinds of answers can be told apart by how long they took.
//!
//! No distribution is assumed. What chance alone would do is found by dealing the labels anew
//! among answers that came one after another, so that drift and neighbours cost nothing but
//! sharpness.

use doorward_benches::random::Random;

/// Answers in a row among which labels are dealt anew.
const WINDOW: usize = 32;
/// How often they are. The deviations are known to some 4 % then.
const DEALS: usize = 400;
/// What is further out than this many deviations is no chance.
const DEVIATIONS: f64 = 3.0;
/// How much more often than half the time one kind may be the slower of two.
const SUPERIORITY: f64 = 0.02;
/// How much of the median the kinds may differ by.
const SHARE: f64 = 0.02;
/// Or by how much anyway, in seconds: less than that is not seen across the internet.
const ANYWAY: f64 = 20e-6;
/// The kinds have to be compared at least this sharply for "the same" to mean anything.
const SHARP_SUPERIORITY: f64 = 0.05;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Whether it was of the second kind.
    pub(super) is_second: bool,
    /// How long it took, in seconds.
    pub(super) took: f64,
}

/// A difference between the kinds, and how large one is by chance (one standard deviation).
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    pub(super) seen: f64,
    pub(super) by_chance: f64,
}

impl Difference {
    fn is_no_chance(self) -> bool {
        self.seen.abs() > DEVIATIONS * self.by_chance
    }

    fn shows(self, tolerated: f64) -> bool {
        self.is_no_chance() && self.seen.abs() > tolerated
    }
}

/// Two kinds of answers, compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    /// How many of each kind.
    pub(super) counts: [usize; 2],
    /// The median of the first kind, in seconds.
    pub(super) median: f64,
    /// By how much the second kind's median is above it.
    pub(super) of_medians: Difference,
    /// The same of the tenth percentile: noise only adds, so that it is where an attacker looks.
    pub(super) of_tenths: Difference,
    /// How much more often than half the time the second kind is the slower one of two (the area
    /// under the ROC curve, less a half; Mann and Whitney).
    pub(super) superiority: Difference,
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They can't be told apart.
    Same,
    /// They can.
    Different,
    /// There was too much noise to say.
    Unclear,
}

impl Comparison {
    /// Compares samples, which stand in the order in which they were taken.
    pub(super) fn of(samples: &[Sample], random: &mut Random) -> Self {
        let ranked = Ranked::of(samples);
        let mut labels: Vec<bool> = samples.iter().map(|sample| sample.is_second).collect();
        let seen = ranked.measure(&labels);
        let mut sums = [0.0; 3];
        for _ in 0..DEALS {
            for window in labels.chunks_mut(WINDOW) {
                random.shuffle(window);
            }
            let dealt = ranked.measure(&labels).differences();
            for (sum, value) in sums.iter_mut().zip(dealt) {
                *sum += value * value;
            }
        }
        let by_chance = sums.map(|sum| (sum / DEALS as f64).sqrt());
        let differences = seen.differences();
        let difference = |at: usize| Difference {
            seen: differences[at],
            by_chance: by_chance[at],
        };
        Self {
            counts: seen.counts,
            median: seen.medians[0],
            of_medians: difference(0),
            of_tenths: difference(1),
            superiority: difference(2),
        }
    }

    /// The difference that is tolerated, in seconds.
    pub(super) fn tolerated(&self) -> f64 {
        ANYWAY.max(SHARE * self.median)
    }

    pub(super) fn verdict(&self) -> Verdict {
        let tolerated = self.tolerated();
        if self.superiority.shows(SUPERIORITY)
            || self.of_medians.shows(tolerated)
            || self.of_tenths.shows(tolerated)
        {
            Verdict::Different
        } else if self.is_sharp() {
            Verdict::Same
        } else {
            Verdict::Unclear
        }
    }

    /// Whether a difference of what is tolerated would be seen.
    pub(super) fn is_sharp(&self) -> bool {
        DEVIATIONS * self.of_medians.by_chance <= self.tolerated()
            && DEVIATIONS * self.superiority.by_chance <= SHARP_SUPERIORITY
    }
}

/// Samples with their ranks, so that each way to label them is measured in one pass.
struct Ranked {
    /// From the quickest to the slowest: which sample, its rank and its time.
    order: Vec<(usize, f64, f64)>,
}

struct Measured {
    counts: [usize; 2],
    medians: [f64; 2],
    tenths: [f64; 2],
    superiority: f64,
}

impl Measured {
    fn differences(&self) -> [f64; 3] {
        [
            self.medians[1] - self.medians[0],
            self.tenths[1] - self.tenths[0],
            self.superiority - 0.5,
        ]
    }
}

impl Ranked {
    fn of(samples: &[Sample]) -> Self {
        let mut order: Vec<(usize, f64, f64)> = samples
            .iter()
            .enumerate()
            .map(|(at, sample)| (at, 0.0, sample.took))
            .collect();
        order.sort_by(|(_, _, one), (_, _, other)| one.total_cmp(other));
        let mut start = 0;
        // Equal times share the mean of their ranks.
        for tie in order.chunk_by_mut(|(_, _, one), (_, _, other)| one == other) {
            let mean = start as f64 + (tie.len() as f64 + 1.0) / 2.0;
            start += tie.len();
            for (_, rank, _) in tie {
                *rank = mean;
            }
        }
        Self { order }
    }

    fn measure(&self, labels: &[bool]) -> Measured {
        let second = labels.iter().filter(|label| **label).count();
        let counts = [labels.len() - second, second];
        let at = |share: f64, count: usize| (count as f64 * share) as usize;
        let (mut passed, mut rank_sum) = ([0_usize; 2], 0.0);
        let (mut medians, mut tenths) = ([0.0; 2], [0.0; 2]);
        for &(sample, rank, took) in &self.order {
            let kind = usize::from(labels[sample]);
            if passed[kind] == at(0.1, counts[kind]) {
                tenths[kind] = took;
            }
            if passed[kind] == at(0.5, counts[kind]) {
                medians[kind] = took;
            }
            passed[kind] += 1;
            if kind == 1 {
                rank_sum += rank;
            }
        }
        let [first, second] = counts.map(|count| count as f64);
        Measured {
            counts,
            medians,
            tenths,
            superiority: (rank_sum - second * (second + 1.0) / 2.0) / (first * second),
        }
    }
}

#[cfg(test)]
mod tests;
