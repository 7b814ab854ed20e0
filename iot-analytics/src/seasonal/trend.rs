//! The trend around a season.

use crate::rolling;

/// The centred moving average over one period at each sample, NaN where one of its samples is missing.
///
/// Of an even period the mean of the two averages that are half a sample to either side.
pub(super) fn trend(times: &[i64], values: &[f64], step: u64, period: usize) -> Vec<f64> {
    let mut trend = Vec::with_capacity(values.len());
    // A window by samples would close a gap in time.
    for run in times.chunk_by(|&a, &b| b.abs_diff(a) == step) {
        let range = trend.len()..trend.len() + run.len();
        trend.extend(of_run(&values[range], period));
    }
    trend
}

fn of_run(values: &[f64], period: usize) -> impl Iterator<Item = f64> {
    let sums = rolling::sums(values, period);
    let half = period / 2;
    (0..values.len()).map(move |at| {
        let sum = |at: usize| sums.get(at).copied().unwrap_or(f64::NAN);
        let sum = if period.is_multiple_of(2) {
            (sum(at + half - 1) + sum(at + half)) / 2.0
        } else {
            sum(at + half)
        };
        sum / period as f64
    })
}
