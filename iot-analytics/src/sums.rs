//! Sums over many values, several at once.

use std::borrow::Cow;

/// Independent sums side by side, so that the compiler adds several values at once: a float sum has an order it must keep.
const LANES: usize = 4;

/// How many values are read twice while they are in the first-level cache.
pub(crate) const BLOCK: usize = 1024;

/// The sums of what `terms` makes of each row of `columns`, which are of the same length.
pub(crate) fn sums<const N: usize, const M: usize>(
    columns: [&[f64]; N],
    terms: impl Fn([f64; N]) -> [f64; M],
) -> [f64; M] {
    // Cut to the length of the first, so that the compiler knows that they are equal.
    let length = columns.first().map_or(0, |column| column.len());
    let columns = columns.map(|column| &column[..length]);
    let mut sums = [[0.0; LANES]; M];
    let groups = columns.map(|column| &column.as_chunks::<LANES>().0[..length / LANES]);
    for at in 0..length / LANES {
        for lane in 0..LANES {
            let terms = terms(groups.map(|groups| groups[at][lane]));
            for (sum, term) in sums.iter_mut().zip(terms) {
                sum[lane] += term;
            }
        }
    }
    for at in length - length % LANES..length {
        let terms = terms(columns.map(|column| column[at]));
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[0] += term;
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// The smallest and the largest of the values that are not NaN; infinite and the wrong way round if there is none.
pub(crate) fn extremes(values: &[f64]) -> (f64, f64) {
    let mut min = [f64::INFINITY; LANES];
    let mut max = [f64::NEG_INFINITY; LANES];
    let (groups, rest) = values.as_chunks::<LANES>();
    for group in groups {
        for lane in 0..LANES {
            min[lane] = if group[lane] < min[lane] { group[lane] } else { min[lane] };
            max[lane] = if group[lane] > max[lane] { group[lane] } else { max[lane] };
        }
    }
    let min = rest.iter().chain(&min).fold(f64::INFINITY, |a, &b| a.min(b));
    (min, rest.iter().chain(&max).fold(f64::NEG_INFINITY, |a, &b| a.max(b)))
}

/// How many values are not NaN.
pub(crate) fn count_present(values: &[f64]) -> usize {
    // Blocks of a 32-bit count each: half as wide as a usize, so twice as many at once.
    let count = |block: &[f64]| block.iter().map(|value| u32::from(!value.is_nan())).sum::<u32>() as usize;
    values.chunks(1 << 16).map(count).sum()
}

/// The values that are not NaN; copied only where one is.
pub(crate) fn present(values: &[f64]) -> Cow<'_, [f64]> {
    if count_present(values) == values.len() {
        return Cow::Borrowed(values);
    }
    Cow::Owned(values.iter().copied().filter(|value| !value.is_nan()).collect())
}
