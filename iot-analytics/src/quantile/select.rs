//! Order statistics without a sort.

/// Below this many values a copy and one selection is the quickest.
const SMALL: usize = 8192;

/// How many values are looked at to guess where a rank lies.
const SAMPLE: u64 = 4096;

/// Some of many values in order, from which to guess between which two of them a rank lies.
///
/// Floyd and Rivest's idea: one pass counts what is below the two and keeps what is between, a few percent, and only there is
/// selected. Where the sample has misled, all values are selected from: the answer is always exact.
#[derive(Debug)]
pub(crate) struct Sample<'a> {
    values: &'a [f64],
    /// How many of the values are not NaN.
    present: usize,
    /// None of few values.
    sorted: Vec<f64>,
}

impl<'a> Sample<'a> {
    /// The sample of these values, of which so many are not NaN.
    pub(crate) fn of(values: &'a [f64], present: usize) -> Self {
        let mut sorted = Vec::new();
        if present > SMALL {
            // A Weyl sequence, mixed: a plain stride would fall in step with periodic data.
            let index = |state: u64| {
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                ((u128::from(mixed) * values.len() as u128) >> 64) as usize
            };
            let states = (1..=SAMPLE).map(|step| step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            sorted.extend(states.map(|state| values[index(state)]).filter(|value| !value.is_nan()));
            sorted.sort_unstable_by(f64::total_cmp);
        }
        Self { values, present, sorted }
    }

    /// How many values are not NaN.
    pub(crate) fn present(&self) -> usize {
        self.present
    }

    /// The value of this rank and the next one (the last has no next: it stands for it) among the values that are not NaN; the rank is less
    /// than their number.
    pub(crate) fn neighbours(&self, rank: usize) -> (f64, f64) {
        let Self { values, present, .. } = *self;
        if present > SMALL {
            let (low, high) = self.bracket(rank);
            let (below, mut between) = partition(values, low, high);
            let next = (rank + 1).min(present - 1);
            if below <= rank && next < below + between.len() {
                return select(&mut between, rank - below);
            }
        }
        let mut all: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        select(&mut all, rank)
    }

    /// Two values between which the rank lies in all likelihood.
    fn bracket(&self, rank: usize) -> (f64, f64) {
        let share = rank as f64 / self.present as f64;
        let middle = share * self.sorted.len() as f64;
        // Four standard deviations of a binomial, and a little for the ends.
        let margin = 4.0 * (self.sorted.len() as f64 * share * (1.0 - share)).sqrt() + 4.0;
        let low = (middle >= margin).then(|| self.sorted.get((middle - margin) as usize).copied()).flatten();
        let high = self.sorted.get((middle + margin) as usize).copied();
        (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY))
    }
}

/// How many values are below `low`, and those from `low` to `high`.
fn partition(values: &[f64], low: f64, high: f64) -> (usize, Vec<f64>) {
    const BLOCK: usize = 1024;
    let mut below = 0;
    let mut between = Vec::new();
    let mut kept = [0.0; BLOCK];
    for block in values.chunks(BLOCK) {
        let mut count = 0;
        let mut below_here = 0_u32;
        for &value in block {
            // Written always and kept sometimes: no branch that data could mislead.
            kept[count % BLOCK] = value;
            count += usize::from(value >= low && value <= high);
            below_here += u32::from(value < low);
        }
        between.extend_from_slice(&kept[..count]);
        below += below_here as usize;
    }
    (below, between)
}

/// The value of this rank and the next one; `rank < values.len()`.
fn select(values: &mut [f64], rank: usize) -> (f64, f64) {
    let (_, &mut here, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp);
    (here, next.unwrap_or(here))
}
