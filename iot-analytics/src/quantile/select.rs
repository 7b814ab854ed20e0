//! Order statistics without a sort.

use crate::sums::{BLOCK, count_present};

/// Below this many values a copy and one selection is the quickest.
const SMALL: usize = 8192;

/// How many values are counted before any of them is looked at by itself.
const GROUP: usize = 32;

/// How many values are looked at to guess where a rank lies.
const SAMPLE: u64 = 4096;

/// Values from which those of some ranks are selected.
///
/// Floyd and Rivest's idea: a sample tells between which two values a rank lies in all likelihood. One pass counts what is below the two
/// and keeps what is between, a few percent, and only there is selected. Where the sample has misled, all values are selected from:
/// the answer is always exact.
#[derive(Debug)]
pub(crate) struct Selection<'a, const N: usize> {
    values: &'a [f64],
    /// How many of the values are not NaN.
    present: usize,
    /// Nothing is in them of few values.
    parts: [Part; N],
}

impl<'a, const N: usize> Selection<'a, N> {
    /// A selection of ranks that are these shares, 0 to 1, of the number of values that are not NaN.
    pub(crate) fn of(values: &'a [f64], shares: [f64; N]) -> Self {
        if values.len() <= SMALL {
            return Self { values, present: count_present(values), parts: shares.map(|_| Part::default()) };
        }
        let sample = sample(values);
        let mut parts = shares.map(|share| Part::around(&sample, share));
        let mut present = 0;
        // All that is asked of a block while it is in the first-level cache.
        for block in values.chunks(BLOCK) {
            present += count_present(block);
            parts.iter_mut().for_each(|part| part.take(block));
        }
        Self { values, present, parts }
    }

    /// How many values are not NaN.
    pub(crate) fn present(&self) -> usize {
        self.present
    }

    /// The value of this rank and the next one (the last has no next: it stands for it) among the values that are not NaN; the rank is less
    /// than their number, and the share of it is the `at`-th.
    pub(crate) fn neighbours(&mut self, at: usize, rank: usize) -> (f64, f64) {
        let Part { below, between, .. } = &mut self.parts[at];
        let next = (rank + 1).min(self.present - 1);
        if *below <= rank && next < *below + between.len() {
            return select(between, rank - *below);
        }
        let mut all: Vec<f64> = self.values.iter().copied().filter(|value| !value.is_nan()).collect();
        select(&mut all, rank)
    }
}

/// Some of many values in order.
fn sample(values: &[f64]) -> Vec<f64> {
    // A Weyl sequence, mixed: a plain stride would fall in step with periodic data.
    let index = |state: u64| {
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((u128::from(mixed) * values.len() as u128) >> 64) as usize
    };
    let states = (1..=SAMPLE).map(|step| step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut sorted: Vec<f64> =
        states.map(|state| values[index(state)]).filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The values between two.
#[derive(Debug, Default)]
struct Part {
    low: f64,
    high: f64,
    /// How many are below.
    below: usize,
    between: Vec<f64>,
}

impl Part {
    /// Between two values of a sample between which the rank of this share lies in all likelihood.
    fn around(sorted: &[f64], share: f64) -> Self {
        let middle = share * sorted.len() as f64;
        // Four standard deviations of a binomial, and a little for the ends.
        let margin = 4.0 * (sorted.len() as f64 * share * (1.0 - share)).sqrt() + 4.0;
        let low = (middle >= margin).then(|| sorted.get((middle - margin) as usize).copied()).flatten();
        let high = sorted.get((middle + margin) as usize).copied();
        Self {
            low: low.unwrap_or(f64::NEG_INFINITY),
            high: high.unwrap_or(f64::INFINITY),
            below: 0,
            between: Vec::new(),
        }
    }

    /// Takes what it is to have of a block.
    fn take(&mut self, block: &[f64]) {
        let (groups, rest) = block.as_chunks::<GROUP>();
        groups.iter().for_each(|group| self.take_group(group));
        self.take_group(rest);
    }

    /// Takes what it is to have of at most [`GROUP`] values.
    #[inline(always)]
    fn take_group(&mut self, group: &[f64]) {
        let (low, high) = (self.low, self.high);
        // The compiler counts several at once; in most groups there is nothing to keep.
        let below = group.iter().map(|&value| u32::from(value < low)).sum::<u32>();
        let up_to = group.iter().map(|&value| u32::from(value <= high)).sum::<u32>();
        self.below += below as usize;
        if up_to == below {
            return;
        }
        let mut kept = [0.0; GROUP];
        let mut count = 0;
        for &value in group {
            // Written always and kept sometimes: no branch that data could mislead.
            kept[count % GROUP] = value;
            count += usize::from(value >= low && value <= high);
        }
        self.between.extend_from_slice(&kept[..count]);
    }
}

/// The value of this rank and the next one; `rank < values.len()`.
fn select(values: &mut [f64], rank: usize) -> (f64, f64) {
    let (_, &mut here, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp);
    (here, next.unwrap_or(here))
}
