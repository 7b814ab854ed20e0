//! The values of a window in order.

use std::collections::VecDeque;

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The last so many samples, and those of them that are not missing in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(super) struct Sorted {
    length: usize,
    samples: VecDeque<f64>,
    values: Vec<f64>,
}

impl Sorted {
    /// How many samples there may be: each costs a move of those above it.
    pub(super) const MOST: usize = 1 << 16;

    /// A window of so many samples, and none yet.
    pub(super) fn new(length: usize) -> Self {
        Self { length, samples: VecDeque::new(), values: Vec::new() }
    }

    /// Adds a sample, and drops the first when there are too many; one that is not finite has its place, and no value.
    pub(super) fn push(&mut self, value: f64) {
        if self.samples.len() == self.length
            && let Some(first) = self.samples.pop_front()
            && first.is_finite()
        {
            self.values.remove(self.values.partition_point(|&other| other < first));
        }
        self.samples.push_back(value);
        if value.is_finite() {
            self.values.insert(self.values.partition_point(|&other| other < value), value);
        }
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// How many values are at least as large.
    pub(super) fn count_from(&self, value: f64) -> usize {
        self.values.len() - self.values.partition_point(|&other| other < value)
    }

    /// The middle value, or the mean of the two in the middle; NaN if there is none.
    pub(super) fn median(&self) -> f64 {
        let n = self.values.len();
        if n == 0 {
            return f64::NAN;
        }
        self.values[(n - 1) / 2].midpoint(self.values[n / 2])
    }

    /// The median of the distances of the values from `middle`, which is their median; NaN if there is none.
    pub(super) fn median_distance(&self, middle: f64) -> f64 {
        let n = self.values.len();
        if n == 0 {
            return f64::NAN;
        }
        // From the middle outwards, the next distance is always that of one of two values.
        let mut above = self.values.partition_point(|&value| value < middle);
        let mut below = above;
        let mut next = || {
            let down = below.checked_sub(1).map_or(f64::INFINITY, |at| middle - self.values[at]);
            let up = self.values.get(above).map_or(f64::INFINITY, |value| value - middle);
            if down < up {
                below -= 1;
            } else {
                above += 1;
            }
            down.min(up)
        };
        let (mut last, mut one_before) = (0.0, 0.0);
        for _ in 0..=n / 2 {
            (one_before, last) = (last, next());
        }
        if n % 2 == 1 { last } else { one_before.midpoint(last) }
    }
}

/// What is saved: the order follows from it.
#[derive(Serialize, Deserialize)]
struct Saved {
    length: usize,
    #[serde(with = "crate::nan::each")]
    samples: VecDeque<f64>,
}

impl TryFrom<Saved> for Sorted {
    type Error = Error;

    fn try_from(Saved { length, samples }: Saved) -> Result<Self> {
        if !(1..=Self::MOST).contains(&length) || samples.len() > length {
            let samples = samples.len();
            return Err(Error::invalid(format!(
                "a window of {length} samples with {samples} in it is damaged"
            )));
        }
        let mut values: Vec<f64> = samples.iter().copied().filter(|value| value.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        Ok(Self { length, samples, values })
    }
}

impl From<Sorted> for Saved {
    fn from(Sorted { length, samples, .. }: Sorted) -> Self {
        Self { length, samples }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn median(values: &mut [f64]) -> f64 {
        values.sort_by(f64::total_cmp);
        let n = values.len();
        if n == 0 { f64::NAN } else { values[(n - 1) / 2].midpoint(values[n / 2]) }
    }

    proptest! {
        #[test]
        fn medians_are_those_of_the_sorted_window(
            length in 1_usize..12,
            samples in prop::collection::vec(prop_oneof![Just(f64::NAN), -3.0..3.0, (-3_i8..3).prop_map(f64::from)], 0..60),
        ) {
            let mut sorted = Sorted::new(length);
            for (at, &sample) in samples.iter().enumerate() {
                sorted.push(sample);
                let mut window: Vec<f64> = samples[(at + 1).saturating_sub(length)..=at].to_vec();
                window.retain(|value| value.is_finite());
                let middle = median(&mut window);
                let mut distances: Vec<f64> = window.iter().map(|value| (value - middle).abs()).collect();
                let (got, want) = (sorted.median_distance(sorted.median()), median(&mut distances));
                prop_assert_eq!(sorted.len(), window.len());
                prop_assert!(sorted.median().to_bits() == middle.to_bits() || window.is_empty());
                prop_assert!(got == want || (got.is_nan() && want.is_nan()), "{} and not {}", got, want);
            }
        }
    }
}
