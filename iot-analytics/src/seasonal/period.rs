//! The search for the period of a season.

use std::f64::consts::{PI, TAU};
use std::ops::Range;

use ndarray::ArrayView1;
use realfft::RealFftPlanner;

use crate::Moments;
use crate::sums::sums;
use crate::view::dense;

/// The period of the strongest season of values at equal steps, in samples; `None` if there is none.
///
/// The highest peaks of the spectrum and of the autocorrelation propose periods, and so do two and three times those of the spectrum,
/// since a pattern may have no power at its own period. Each is tried as a season is: what a moving average of one period
/// leaves of the values must correlate with itself one, two and three periods later, by more than chance. The strongest wins, or the
/// shortest part of it that is nearly as strong. Then the period is moved to the sample that the first harmonics fit best, and
/// from there to one that the values repeat at better, if one does by more than chance. So trends and slow drifts do not hide
/// a season, and noise does not move it.
///
/// A season must be seen three times to be found; the more often it is, the more noise it may carry. Missing values
/// are taken to lie on the trend: the more there are, the weaker a season looks.
///
/// Cost: O(n log n) and about six times the memory of the values; 30 ms for 100,000.
///
/// ```
/// use std::f64::consts::TAU;
///
/// use iot_analytics::find_period;
///
/// let daily: Vec<f64> = (0..2000).map(|i| 0.1 * f64::from(i) + (f64::from(i) / 144.0 * TAU).sin()).collect();
/// assert_eq!(find_period(&daily), Some(144));
/// assert_eq!(find_period(&[1.0; 100]), None);
/// ```
///
/// Sources: M. Vlachos, P. Yu and V. Castelli, "On periodicity detection and structural periodic similarity" (2005), for
/// proposals by spectrum and proof by autocorrelation; B. Quinn and E. Hannan, *The estimation and tracking of frequency*
/// (2001), for the first harmonics.
pub fn find_period<'a>(values: impl Into<ArrayView1<'a, f64>>) -> Option<usize> {
    let values = detrended(&dense(values))?;
    let mut periods = Spectrum::of(&values)?.proposals();
    periods.sort_unstable();
    periods.dedup();
    let seasons: Vec<(usize, f64)> =
        periods.into_iter().filter_map(|period| Some((period, strength(&values, period)?))).collect();
    let &(longest, best) = seasons.iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    // A season repeats at twice its period just as well.
    let is_part = |&&(period, strength): &&(usize, f64)| {
        let parts = longest as f64 / period as f64;
        strength >= 0.9 * best && (parts - parts.round()).abs() < 0.05 * parts
    };
    let period = seasons.iter().find(is_part).map_or(longest, |&(period, _)| period);
    Some(sharpen(&without_drift(&values, period), period, values.len() / CYCLES))
}

/// A season must be seen so many times.
const CYCLES: usize = 3;

/// The least correlation of a season with itself, by how many times it was compared: chance is not to be had thrice.
const STRENGTH: [f64; 3] = [0.8, 0.5, 0.3];

/// How many peaks are looked at.
const PEAKS: usize = 10;

/// The values less a polynomial of degree 3 through them, missing ones 0; `None` if nothing is left.
fn detrended(values: &[f64]) -> Option<Vec<f64>> {
    let count = values.iter().filter(|value| value.is_finite()).count() as f64;
    let finite = values.iter().filter(|value| value.is_finite());
    let largest = finite.fold(0.0, |largest: f64, value| largest.max(value.abs()));
    // Scaled to 1, so that squares stay finite.
    let mut rest: Vec<f64> = values.iter().map(|value| value / largest).collect();
    let present = |at: &usize| values[*at].is_finite();
    let center = values.len() as f64 / 2.0;
    // Forsythe's polynomials: each is orthogonal to those before over the samples that are there.
    let (mut before, mut here) = (vec![0.0; values.len()], vec![1.0; values.len()]);
    let mut norm_before = 1.0;
    for _degree in 0..=3 {
        let (mut norm, mut shift, mut height) = (0.0, 0.0, 0.0);
        for at in (0..values.len()).filter(present) {
            let square = here[at] * here[at];
            norm += square;
            shift += square * (at as f64 / center - 1.0);
            height += here[at] * rest[at];
        }
        if norm < count * 1e-20 {
            break;
        }
        let (shift, height, ratio) = (shift / norm, height / norm, norm / norm_before);
        for at in 0..values.len() {
            rest[at] -= height * here[at];
            let next = (at as f64 / center - 1.0 - shift) * here[at] - ratio * before[at];
            (before[at], here[at]) = (here[at], next);
        }
        norm_before = norm;
    }
    for (rest, value) in rest.iter_mut().zip(values) {
        *rest = if value.is_finite() { *rest } else { 0.0 };
    }
    // What rounding leaves of a smooth trend is no season.
    let energy = rest.iter().map(|value| value * value).sum::<f64>();
    (energy > count * 1e-26).then_some(rest)
}

/// The power spectrum and the autocorrelation of values.
struct Spectrum {
    power: Vec<f64>,
    correlation: Vec<f64>,
    /// The number of values, and of values and zeros behind them.
    count: usize,
    padded: usize,
}

impl Spectrum {
    fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let longest = count / CYCLES;
        if longest < 2 {
            return None;
        }
        // Room for the correlation at the longest period without a wrap; products of 2 and 3 are quick to transform.
        let least = count + longest + 1;
        let padded = least.next_power_of_two().min(3 * least.div_ceil(3).next_power_of_two());
        let mut planner = RealFftPlanner::<f64>::new();
        let forward = planner.plan_fft_forward(padded);
        let mut buffer = values.to_vec();
        buffer.resize(padded, 0.0);
        let mut lines = forward.make_output_vec();
        forward.process(&mut buffer, &mut lines).ok()?;
        let power: Vec<f64> = lines.iter().map(|line| line.norm_sqr()).collect();
        for (line, &power) in lines.iter_mut().zip(&power) {
            *line = power.into();
        }
        planner.plan_fft_inverse(padded).process(&mut lines, &mut buffer).ok()?;
        Some(Self { power, correlation: buffer, count, padded })
    }

    /// Periods that may be that of a season, in samples.
    fn proposals(&self) -> Vec<usize> {
        let longest = self.count / CYCLES;
        let width = self.padded as f64 / self.count as f64;
        // The side lobes of a peak are no peaks of their own.
        let lines = highest(&self.power, 1..self.power.len() - 1, 2.0 * width);
        let mut periods = Vec::new();
        for line in lines {
            for multiple in [1.0, 2.0, 3.0] {
                periods.extend(self.nearest(line as f64 / multiple, width / multiple));
            }
        }
        periods.extend(highest(&self.correlation, 2..longest + 1, longest as f64 / 50.0));
        periods
    }

    /// The lag with the largest correlation among those whose lines are this close to `line`.
    fn nearest(&self, line: f64, width: f64) -> Option<usize> {
        let longest = self.count / CYCLES;
        let padded = self.padded as f64;
        let from = ((padded / (line + width)).floor() as usize).max(2);
        let to =
            if line > width { ((padded / (line - width)).ceil() as usize).min(longest) } else { longest };
        (from..=to).max_by(|&a, &b| self.correlation[a].total_cmp(&self.correlation[b]))
    }
}

/// The positions of the highest peaks in a range that are further than `apart` from a higher one.
fn highest(values: &[f64], range: Range<usize>, apart: f64) -> Vec<usize> {
    let is_peak = |&at: &usize| values[at] > values[at - 1] && values[at] >= values[at + 1];
    let mut all: Vec<usize> = range.filter(is_peak).collect();
    all.sort_unstable_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut peaks: Vec<usize> = Vec::new();
    for at in all {
        if peaks.len() < PEAKS && peaks.iter().all(|&peak| peak.abs_diff(at) as f64 > apart) {
            peaks.push(at);
        }
    }
    peaks
}

/// The least that what a moving average of `period` leaves of the values correlates with itself one, two and three periods
/// later; `None` if that is too little for a season.
fn strength(values: &[f64], period: usize) -> Option<f64> {
    let rest = without_drift(values, period);
    let times = (rest.len() / period).checked_sub(1)?.min(STRENGTH.len());
    let least = (1..=times).map(|times| correlation(&rest, times * period)).fold(1.0, f64::min);
    let chance = 3.0 / ((rest.len() - times * period) as f64).sqrt();
    (least >= STRENGTH.get(times.checked_sub(1)?)?.max(chance)).then_some(least)
}

/// The correlation of values that have no level with themselves so many samples later. Of noise, it has a standard deviation of
/// one over the root of the number of pairs.
fn correlation(values: &[f64], lag: usize) -> f64 {
    let (head, tail) = (&values[..values.len() - lag], &values[lag..]);
    let [product, before, after] = sums([head, tail], |[a, b]| [a * b, a * a, b * b]);
    product / (before * after).sqrt()
}

/// The values less their centred moving average over one period, where it is defined, and less the mean of what
/// is left, cut to three standard deviations: a spike is not to speak for a season.
fn without_drift(values: &[f64], period: usize) -> Vec<f64> {
    let mut sum: f64 = values[..period].iter().sum();
    let half = period / 2;
    let leave = |(at, &enters): (usize, &f64)| {
        let before = sum;
        sum += enters - values[at];
        // The middle of an even number of samples is between two: the mean of two averages is on one.
        let average = if period.is_multiple_of(2) { (before + sum) / 2.0 } else { before };
        values[at + half] - average / period as f64
    };
    let mut rest: Vec<f64> = values[period..].iter().enumerate().map(leave).collect();
    let rest_of = Moments::of(&rest);
    let bound = 3.0 * rest_of.std();
    rest.iter_mut().for_each(|value| *value = (*value - rest_of.mean()).min(bound).max(-bound));
    rest
}

/// The period near `period`, up to `longest`, that fits values without drift best.
fn sharpen(values: &[f64], period: usize, longest: usize) -> usize {
    const HARMONICS: usize = 4;
    // Half the width of the fundamental's line, in samples of the period.
    let reach = (period * period / values.len()).max(1);
    // The first harmonics need no more than a few samples each. Faded in and out, they do not leak into each other.
    let width = (period / (8 * HARMONICS)).max(1);
    let count = values.len() / width;
    let fade = |at: usize| ((at as f64 + 0.5) / count as f64 * PI).sin().powi(2);
    let chunks = values.chunks_exact(width).enumerate();
    let coarse: Vec<f64> = chunks.map(|(at, chunk)| chunk.iter().sum::<f64>() * fade(at)).collect();
    let power = |period: usize| {
        let harmonics = 1..=HARMONICS.min(period / 2);
        harmonics.map(|harmonic| power_at(&coarse, (harmonic * width) as f64 / period as f64)).sum::<f64>()
    };
    let near =
        |center: usize, reach: usize| center.saturating_sub(reach).max(2)..=(center + reach).min(longest);
    let best = |(a, x): (usize, f64), (b, y): (usize, f64)| if y > x { (b, y) } else { (a, x) };
    let highest = |center| {
        near(center, reach).map(|period| (period, power(period))).reduce(best).unwrap_or((center, 0.0)).0
    };
    // From the flank of the line to its top: noise may have proposed a period further off.
    let mut smooth = highest(period);
    let mut flank = period;
    while smooth.abs_diff(flank) == reach {
        (flank, smooth) = (smooth, highest(smooth));
    }

    let repeats =
        near(smooth, reach.min(8)).chain([period]).map(|period| (period, correlation(values, period)));
    let (sharp, strength) = repeats.reduce(best).unwrap_or((smooth, 0.0));
    let before = correlation(values, smooth);
    // Six standard deviations of noise: it is the best of many that is compared.
    let chance = 6.0 * (1.0 - before) / ((values.len() - smooth) as f64).sqrt();
    if strength > before + chance { sharp } else { smooth }
}

/// The power of the values at a frequency, in cycles a sample.
fn power_at(values: &[f64], frequency: f64) -> f64 {
    let (sin, cos) = (frequency * TAU).sin_cos();
    let (mut x, mut y) = (1.0, 0.0);
    let (mut re, mut im) = (0.0, 0.0);
    for value in values {
        re += value * x;
        im += value * y;
        (x, y) = (x * cos - y * sin, x * sin + y * cos);
    }
    re * re + im * im
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of a normal distribution, the same in every run.
    struct Noise(u64);

    impl Noise {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((mixed ^ (mixed >> 27)) >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn normal(&mut self) -> f64 {
            (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (TAU * self.uniform()).cos()
        }
    }

    fn sine(count: usize, period: usize, noise: f64, trend: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut normal = Noise(7);
        let value = |at: usize| {
            let season = (TAU * at as f64 / period as f64).sin();
            season + trend(at as f64 / count as f64) + noise * normal.normal()
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn a_season_is_found_under_noise_and_trend() {
        let trends: [fn(f64) -> f64; 4] =
            [|_| 0.0, |at| 1000.0 * at, |at| 50.0 * at * at, |at| if at < 0.6 { 0.0 } else { 0.8 }];
        for trend in trends {
            for (count, period, noise) in
                [(10_080, 1440, 0.05), (10_080, 144, 0.3), (1440, 144, 0.05), (480, 24, 0.3), (300, 60, 0.0)]
            {
                let found = find_period(&sine(count, period, noise, trend));
                let near = |found: usize| found.abs_diff(period) * 100 <= period;
                assert!(found.is_some_and(near), "{found:?} for {period} in {count} with noise {noise}");
            }
        }
    }

    #[test]
    fn a_pattern_without_its_own_frequency_has_its_whole_period() {
        let pattern = |at: usize| (TAU * at as f64 / 60.0).sin() + (TAU * at as f64 / 40.0).sin();
        let values: Vec<f64> = (0..1000).map(pattern).collect();
        assert_eq!(find_period(&values), Some(120));
    }

    #[test]
    fn missing_samples_and_spikes_do_not_hide_a_season() {
        let mut values = sine(2000, 144, 0.1, |_| 230.0);
        let mut noise = Noise(11);
        for value in &mut values {
            match noise.uniform() {
                0.0..0.1 => *value = f64::NAN,
                0.1..0.11 => *value += 10.0,
                _ => {}
            }
        }
        assert_eq!(find_period(&values), Some(144));
    }

    #[test]
    fn what_does_not_repeat_has_no_period() {
        let mut noise = Noise(3);
        let white: Vec<f64> = (0..2000).map(|_| noise.normal()).collect();
        let step: Vec<f64> = (0..500).map(|at| if at < 200 { 1.0 } else { 5.0 }).collect();
        let ramp: Vec<f64> = (0..500).map(f64::from).collect();
        let mut level = 0.0;
        let mut walks = (0..20).map(|_| {
            let walk: Vec<f64> = (0..1000)
                .map(|_| {
                    level += noise.normal();
                    level
                })
                .collect();
            find_period(&walk)
        });
        assert!(walks.by_ref().filter(Option::is_some).count() <= 2);
        for values in
            [&white[..], &step, &ramp, &[], &[1.0], &[3.0; 100], &[f64::NAN; 100], &[1e300, -1e300, 0.0]]
        {
            assert_eq!(find_period(values), None, "{} values", values.len());
        }
    }
}
